#!/bin/sh
# A batch that is disturbed at a random moment (the parent or one worker killed, the disk full)
# and resumed gives the same bytes as one that nobody disturbed, runs nothing twice, and leaves
# nothing behind. The moments come from RGQ_SEED (default: 1), so that a failure can be repeated.
# ROUNDS that were disturbed before their end are run.
# usage: kill.sh PROGRAM ROUNDS   (RGQ_LONG=1: 50 of them)
set -u
program=$(readlink -f "$1")
rounds=$2
[ "${RGQ_LONG:-0}" = 1 ] && rounds=50
seed=${RGQ_SEED:-1}
work=$(mktemp -d) || exit 99
disk=$work/disk
mkdir "$disk"
# a disk of our own that can be filled: as root, else in a namespace of ours
if [ "${RGQ_DISK:-}" = "" ]; then
    if mount -t tmpfs -o size=12m none "$disk" 2>"$work/mount.err"; then
        RGQ_DISK=yes
    elif unshare -rm true 2>>"$work/mount.err" && [ "${RGQ_INSIDE:-0}" = 0 ]; then
        rm -rf "$work"
        RGQ_INSIDE=1 exec unshare -rm sh "$0" "$program" "$2"
    else
        RGQ_DISK=no
        echo "rounds with a full disk are SKIPPED: no tmpfs can be mounted ($(head -1 "$work/mount.err"))"
    fi
fi
trap 'umount "$disk" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 99
export OMP_NUM_THREADS=2 XDG_CACHE_HOME="$work/cache" LC_ALL=C
n=6

printf 'case\tscan\tregions\n' >cases.tsv
for i in $(seq $n); do
    "$program" phantom make rgd-torso p$i.nii.gz --voxel-mm 10 --psf-mm 8 --noise 10 --seed $i \
        --quiet >table || exit 1
    printf 'c%d\tp%d.nii.gz\tp%d_labels.nii.gz\n' $i $i $i >>cases.tsv
done
become_batch() { # in the background: $! is the program itself
    exec "$program" batch --manifest cases.tsv "$@" --tracer 18F-fluciclatide --quiet
}
batch() {
    (become_batch "$@")
}
now() {
    cut -d ' ' -f 1 /proc/uptime
}
uniform() { # uniform ROUND: 0..1, the same for the same seed
    awk -v s="$seed" -v r="$1" 'BEGIN { srand(1000 * s + r); rand(); print rand() }'
}
fail() {
    echo "round $round ($kind after $wait_s s, seed $seed): $1" >&2
    ls -lAR "$out" >&2
    cat "$out/cases.tsv" second 2>/dev/null >&2
    exit 1
}
table() { # what a group table is made of
    for i in $(seq $n); do
        cat "$1/c$i/measures.tsv" || return 1
    done
}
workers() { # workers PID: processes whose parent it is
    for stat in /proc/[0-9]*/stat; do
        awk -v p="$1" '{ sub(/^.*\) /, ""); if ($2 == p) print FILENAME }' "$stat" 2>/dev/null
    done | cut -d / -f 3
}
same_results() {
    for i in $(seq $n); do
        for file in calm0/c$i/*; do
            name=$(basename "$file")
            if [ "$name" = run.json ]; then
                sed '/^  "run": {/,$d' "$file" >one
                sed '/^  "run": {/,$d' "$out/c$i/$name" >two
                cmp one two || return 1
            else
                cmp "$file" "$out/c$i/$name" || return 1
            fi
        done
        [ "$(ls calm0/c$i)" = "$(ls "$out/c$i")" ] || return 1
    done
}

began=$(now)
batch calm0 >table || { echo "the undisturbed batch failed" >&2; cat table >&2; exit 1; }
whole_s=$(echo "$(now) $began" | awk '{ print $1 - $2 }')
table calm0 >calm0.tsv || exit 1

disturbed=0
round=0
while [ $disturbed -lt "$rounds" ] && [ $round -lt $((3 * rounds)) ]; do
    round=$((round + 1))
    case $((round % 4)) in
    1) kind="parent killed" ;;
    2) kind="worker killed" ;;
    3) kind="disk full" ;;
    0) kind="parent killed twice" ;;
    esac
    wait_s=$(uniform "$round" | awk -v t="$whole_s" '{ printf "%.3f", 0.02 + $1 * t }')
    [ "$kind" = "disk full" ] && [ $RGQ_DISK = no ] && continue
    out=$work/out
    [ "$kind" = "disk full" ] && out=$disk/out
    rm -rf "$out"
    become_batch "$out" >first 2>first.err &
    parent=$!
    sleep "$wait_s"
    case $kind in
    parent*) kill -9 $parent 2>/dev/null ;;
    worker*)
        victim=$(workers $parent | head -1)
        [ -n "$victim" ] && kill -9 "$victim" 2>/dev/null
        ;;
    disk*) dd if=/dev/zero of="$disk/filler" bs=4096 2>/dev/null ;;
    esac
    { wait $parent; } 2>/dev/null
    code=$?
    rm -f "$disk/filler"
    [ $code != 0 ] && disturbed=$((disturbed + 1))
    case $kind-$code in
    parent*-137 | worker*-4 | disk*-4 | disk*-1 | *-0) ;;
    *) fail "exit code $code: $(cat first.err)" ;;
    esac
    if [ "$kind" = "parent killed twice" ]; then
        become_batch "$out" --resume >first 2>first.err &
        parent=$!
        sleep "$(uniform "$((round + 500))" | awk -v t="$whole_s" '{ printf "%.3f", $1 * t / 2 }')"
        kill -9 $parent 2>/dev/null
        { wait $parent; } 2>/dev/null
    fi
    # a worker may outlive its parent by a moment, and may then still finish; it holds the lock
    [ ! -e "$out/logs/.lock" ] || flock -w 30 "$out/logs/.lock" true || fail "a worker goes on"
    standing=$(ls -d "$out"/c*/run.json 2>/dev/null | wc -l)
    batch "$out" --resume >second 2>second.err || fail "resume ended with $?: $(cat second.err)"
    grep -q "; $((n - standing)) run now" second || fail "$standing stood, but: $(cat second)"
    table "$out" >again.tsv || fail "a table is missing"
    cmp calm0.tsv again.tsv || fail "the numbers differ"
    same_results || fail "the results differ"
    [ "$(cut -f 1,2,6 "$out/cases.tsv")" = "$(cut -f 1,2,6 calm0/cases.tsv)" ] ||
        fail "cases.tsv differs"
    left=$(find "$out" -name '.rgq-*')
    [ -z "$left" ] || fail "left behind: $left"
done
echo "$round rounds, $disturbed of them disturbed before the end (a batch takes $whole_s s, seed $seed)"
[ "$disturbed" -ge "$rounds" ]
