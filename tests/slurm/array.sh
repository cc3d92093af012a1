#!/bin/sh
# `batch --submit slurm` on a Slurm of two nodes. First a node dies while tasks run on it: they are
# run again on the other, and ten cases are done. Then only the daemon of a node dies, and what it
# ran lives on, so that tasks run twice: results are whole, and those of this machine alone.
# usage: array.sh PROGRAM FOLDER_OF_THIS_SCRIPT
set -u
program=$(readlink -f "$1")
here=$(cd "$2" && pwd)
. "$here/mini_slurm.sh"
. "$here/study.sh"
why=$(slurm_why_not)
[ -z "$why" ] || { echo "skipped: $why"; exit 77; }
work=$(mktemp -d) || exit 99
chmod 755 "$work" # munged wants a way to its socket for everybody
trap 'slurm_stop; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
cd "$work" || exit 99
export OMP_NUM_THREADS=2 XDG_CACHE_HOME="$work/cache" LC_ALL=C
SLURM_PORT=$((17000 + $$ % 3000 * 5))
fail() {
    echo "$1"
    squeue 2>/dev/null
    tail -n 20 "$work/slurm/log/slurmctld.log" 2>/dev/null
    tail -n 5 "${out:-none}"/logs/slurm-* 2>/dev/null
    exit 1
}
slurm_start "$work/slurm" >start.log 2>&1 || {
    echo "skipped: Slurm cannot be started: $(cat start.log)"
    exit 77
}
study_make "$program" || exit 1

submit() { # submit OUT: sets array and group
    out=$1
    "$program" batch --manifest cases.tsv "$out" --tracer 18F-fluciclatide --submit slurm >said 2>&1 ||
        fail "not submitted: $(cat said)"
    array=$(sed -n 's/^10 cases are job \([0-9]*\),.*/\1/p' said)
    group=$(sed -n 's/.*merging them is job \([0-9]*\) .*/\1/p' said)
    [ -n "$array" ] && [ -n "$group" ] || fail "no job numbers: $(cat said)"
}
at_work() { # the program runs on node $1
    for pid in $(slurm_scripts "$1"); do
        case $(readlink "/proc/$pid/exe") in "$program") return 0 ;; esac
    done
    return 1
}
is_over() {
    [ -z "$(squeue -h -j "$array,$group" 2>/dev/null)" ]
}
ended_well() { # tasks and the group, as Slurm has them
    scontrol -o show job "$array" >jobs && scontrol -o show job "$group" >>jobs || fail "no jobs"
    [ "$(grep -c 'JobState=COMPLETED' jobs)" = 11 ] || fail "not all completed: $(cat jobs)"
    again=$(grep -c 'Restarts=[1-9]' jobs)
    [ "$again" -gt 0 ] || fail "no task was run again: nothing was killed in the middle"
    study_same "$out" || fail "$out is not what a batch of this machine gives"
}
is_run_again() { # a task that was on n2 is at work on n1
    scontrol -o show job "$array" | grep 'Restarts=[1-9]' | grep -q 'JobState=RUNNING'
}
are_gone() {
    [ -z "$(slurm_scripts n2)" ]
}
seconds() {
    cut -d . -f 1 /proc/uptime
}

began=$(seconds)
submit death
slurm_wait 30 at_work n2 || fail "no task comes to node n2"
slurm_kill_node n2
slurm_wait 150 is_over || fail "the array does not end after the death of n2"
ended_well
echo "node n2 killed: ten cases done after $(($(seconds) - began)) s, $again run again"

slurm_start_node n2
slurm_wait 30 slurm_is_idle || fail "n2 does not come back"
began=$(seconds)
submit orphans
slurm_wait 30 at_work n2 || fail "no task comes to node n2"
# What runs there stands still until Slurm has given its tasks to n1, and then goes on beside them.
orphans=$(slurm_scripts n2)
kill -STOP $orphans 2>/dev/null
slurm_kill_daemon n2
slurm_wait 60 is_run_again || fail "no task of n2 is run again"
kill -CONT $orphans 2>/dev/null
slurm_wait 150 is_over || fail "the array does not end after the death of the daemon of n2"
slurm_wait 20 are_gone || fail "tasks of n2 do not end"
ended_well
twice=$(grep -c 'cases done' orphans/logs/slurm-"$array"_*.log | grep -c ':2$')
[ "$twice" -gt 0 ] || fail "no task ran twice"
echo "slurmd of n2 killed: ten cases done after $(($(seconds) - began)) s, $twice ran twice"
