#!/bin/sh
# scripts/Snakefile gives what a batch gives; a failed case is a row.
# usage: snakemake.sh PROGRAM SNAKEFILE FOLDER_OF_THIS_SCRIPT
set -u
command -v snakemake >/dev/null || { echo "skipped: snakemake is not installed"; exit 77; }
program=$(readlink -f "$1")
snakefile=$(readlink -f "$2")
. "$(cd "$3" && pwd)/study.sh"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
export OMP_NUM_THREADS=2 XDG_CACHE_HOME="$work/cache" LC_ALL=C
VOXEL_MM=12
study_make "$program" || exit 1
flow() {
    snakemake -s "$snakefile" --cores 2 --config manifest=cases.tsv out=flow "program=$program" \
        options="--tracer 18F-fluciclatide" >flow.log 2>&1 || { cat flow.log; exit 1; }
}
flow
study_same flow || exit 1
head -c 400 p2.nii.gz >short && mv short p2.nii.gz
rm -rf flow
flow
[ "$(cut -f 2 flow/cases.tsv | grep -c '^done$')" = 9 ] && grep -q '^c2	failed' flow/cases.tsv ||
    { echo "a broken scan is no row: $(cat flow/cases.tsv)"; exit 1; }
[ -s flow/group.html ] || exit 1
