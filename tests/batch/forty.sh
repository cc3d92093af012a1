#!/bin/sh
# A study of 40 cases, five of them broken in five ways: 35 good, 5 failed with reasons, exit 4;
# after mending, --resume runs these five and nothing else, and the group table is that of a
# study that was never broken, for any --jobs.
# usage: forty.sh PROGRAM FOLDER_OF_THIS_FILE
set -u
program=$(readlink -f "$1")
here=$(readlink -f "$2")
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
PATH=$(dirname "$program"):$PATH
export PATH LC_ALL=C OMP_NUM_THREADS=2 XDG_CACHE_HOME="$work/cache"
. "$here/make_study.sh"
fail() {
    echo "forty: $*" >&2
    exit 1
}
row() { # of cases.tsv: status and reason of a case
    awk -F'\t' -v c="$1" '$1 ~ c {print $2 ": " $3}' out/cases.tsv
}
expect() {
    case $(row "$1") in
    "failed: "*"$2"*) ;;
    *) fail "$1: '$(row "$1")' says nothing of '$2'" ;;
    esac
}

make_study Doe_Jane || fail "the study could not be made"
break_study Doe_Jane || fail "the study could not be broken"
rgdquant batch Doe_Jane out participant --jobs 2 --quiet >said 2>&1
[ $? = 4 ] || fail "exit code is not 4"
[ "$(awk -F'\t' '$2 == "done"' out/cases.tsv | wc -l)" = 35 ] || fail "not 35 done"
[ "$(awk -F'\t' '$2 == "failed"' out/cases.tsv | wc -l)" = 5 ] || fail "not 5 failed"
expect sub-02_ses-a truncated
expect sub-04_ses-b "another grid"
expect sub-05_ses-b weight
expect sub-07_ses-a "not finite"
expect sub-11_ses-b "link to a file that is not there"
rgdquant batch Doe_Jane out group --quiet >said || fail "group"
grep -q '35 cases done, 5 not' said || fail "group: $(cat said)"
[ "$(cut -f3 out/group_measures.tsv | sort -u | wc -l)" = 36 ] || fail "the table has other cases"
[ "$(grep -c 'class="card failed"' out/group.html)" = 5 ] || fail "the page hides a failure"
[ "$(grep -c 'data:image/png' out/group.html)" = 35 ] || fail "the page lacks a picture"
sh "$here/check_derivative.sh" out || fail "names"

mend_study Doe_Jane
rgdquant batch Doe_Jane out participant --jobs 2 --resume --quiet >said || fail "resume: $(cat said)"
grep -q '40 of 40 cases done, 0 not; 5 run now' said || fail "resume: $(cat said)"
rgdquant batch Doe_Jane out participant --resume --quiet >said || fail "again: $(cat said)"
grep -q '; 0 run now' said || fail "a third run runs something: $(cat said)"
rgdquant batch out group --quiet >said || fail "group of all"
sh "$here/check_derivative.sh" out || fail "names after mending"

# some alone, and one at a time: the same bytes
labels=01,02,sub-04
rgdquant batch Doe_Jane one participant --participant-label $labels --jobs 1 --quiet >said || fail "$(cat said)"
grep -q '6 of 6 cases done' said || fail "labels: $(cat said)"
[ "$(awk -F'\t' '$2 == "skipped"' one/cases.tsv | wc -l)" = 34 ] || fail "others are not left alone"
rgdquant batch one group --quiet >said || fail "group of some"
grep -E 'sub-0[124]_' out/group_measures.tsv | sed 's/\t[^\t]*\t[^\t]*\t[^\t]*$//' >rows.out
grep -E 'sub-0[124]_' one/group_measures.tsv | sed 's/\t[^\t]*\t[^\t]*\t[^\t]*$//' >rows.one
cmp rows.out rows.one || fail "--jobs changes numbers"
for sub in 01 02 04; do # run.json: but for its last part, which tells of threads and seconds
    (cd out && find sub-$sub -type f ! -name '*_run.json') | while read -r file; do
        cmp "out/$file" "one/$file" || exit 1
    done || fail "--jobs changes bytes"
done

# no path of this machine, nothing but the labels
if grep -rlE "Doe_Jane|$work" out --include='*.tsv' --include='*.json' --include='*.html'; then
    fail "an output holds the name of a folder"
fi
[ -z "$(find out one -name '.rgq-*')" ] || fail "temporary files were left behind"
echo "35 of 40 done, 5 failed with their reasons; 5 run after mending; same bytes for any --jobs"
