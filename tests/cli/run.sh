#!/bin/sh
# Run one command-line case in an empty folder and compare exit code, stdout and stderr with
# the files beside it. A case is a folder: cmd (shell), expect.exit, expect.out, expect.err.
# Exit 77 from cmd skips the case (it prints why). RGQ_UPDATE=1 rewrites the expectations:
# read the difference before committing it.
# usage: run.sh PROGRAM CASE_FOLDER
set -u
program=$1
case_dir=$2
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
mkdir "$work/in"
PATH=$(dirname "$program"):$PATH
# plans of the machine's user must not change a result
XDG_CACHE_HOME=$work/cache
export PATH LC_ALL=C OMP_NUM_THREADS=2 CASE="$case_dir" XDG_CACHE_HOME

(cd "$work/in" && sh "$case_dir/cmd" >"$work/out" 2>"$work/err")
echo $? >"$work/exit"
if [ "$(cat "$work/exit")" = 77 ]; then
    cat "$work/out"
    exit 77
fi

bad=0
for part in exit out err; do
    want=$case_dir/expect.$part
    if [ "${RGQ_UPDATE:-0}" = 1 ]; then
        cp "$work/$part" "$want"
    elif ! diff -u "$want" "$work/$part"; then
        echo "case $(basename "$case_dir"): $part differs" >&2
        bad=1
    fi
done
# A failed command must leave nothing behind that begins with the temporary name.
left=$(find "$work/in" -name '.rgq-*' | head -3)
if [ -n "$left" ]; then
    echo "case $(basename "$case_dir"): temporary files were left behind: $left" >&2
    bad=1
fi
exit $bad
