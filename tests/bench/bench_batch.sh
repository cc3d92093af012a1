#!/bin/sh
# What a batch costs and gains: throughput of two jobs against one, overhead of a case, memory
# of N jobs against one. Prints TSV; the seconds belong to the machine, the ratios count. Nothing
# else may compute meanwhile.
# usage: bench_batch.sh PROGRAM [CASES [VOXEL_MM]]
set -eu
program=$(readlink -f "$1")
cases=${2:-8}
voxel_mm=${3:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export XDG_CACHE_HOME="$work/cache" LC_ALL=C

make_study() { # make_study NAME VOXEL_MM CASES
    "$program" phantom make rgd-torso "$1.nii.gz" --voxel-mm "$2" --psf-mm 6 --noise 10 --quiet >made
    printf 'case\tscan\tregions\n' >"$1.tsv"
    for i in $(seq "$3"); do
        printf 'c%d\t%s.nii.gz\t%s_labels.nii.gz\n' "$i" "$1" "$1" >>"$1.tsv"
    done
}
seconds() { # seconds COMMAND...
    from=$(date +%s.%N)
    "$@" >said 2>&1 || { cat said >&2; exit 1; }
    echo "$(date +%s.%N) $from" | awk '{ printf "%.4f\n", $1 - $2 }'
}
batch() { # batch NAME JOBS [OPTIONS]
    rm -rf "out"
    name=$1
    jobs=$2
    shift 2
    "$program" batch --manifest "$name.tsv" out --tracer 18F-fluciclatide --threads 1 \
        --jobs "$jobs" --quiet "$@"
}
best() { # best of three
    for n in 1 2 3; do seconds "$@"; done | sort -n | head -1
}

echo "what	value	unit"
make_study large "$voxel_mm" "$cases"
one=$(best batch large 1 --filter gaussian:6)
peak_one=$(tail -n +2 out/cases.tsv | cut -f 5 | sort -n | tail -1)
two=$(best batch large 2 --filter gaussian:6)
peak_two=$(tail -n +2 out/cases.tsv | cut -f 5 | sort -n | tail -1)
echo "$one $two $cases" | awk '{ printf "one job\t%.3f\ts\ntwo jobs\t%.3f\ts\nthroughput of two jobs\t%.3f\tof one\n", $1, $2, $1 / $2 }'
echo "$peak_one $peak_two" | awk '{ printf "memory of a case, one job\t%.1f\tMB\nmemory of a case, two jobs\t%.1f\tMB\n", $1, $2 }'

# The overhead: what a case takes in a batch beyond the work itself. The same quantify run alone
# is start + work; a case whose scan is refused at its first bytes is start + clean-up only.
make_study small 12 50
echo nothing >small.nii.gz
refused=$( (rm -rf out; "$program" batch --manifest small.tsv out --tracer 18F-fluciclatide \
    --threads 1 --jobs 1 --quiet >said || true) 2>&1; tail -n +2 out/cases.tsv | cut -f 4 | sort -n | sed -n 25p)
whole=$(for n in 1 2 3; do
    rm -rf out
    from=$(date +%s.%N)
    "$program" batch --manifest small.tsv out --tracer 18F-fluciclatide --threads 1 --jobs 1 \
        --quiet >said || true
    echo "$(date +%s.%N) $from" | awk '{ printf "%.4f\n", $1 - $2 }'
done | sort -n | head -1)
echo "$whole $refused" | awk '{ printf "start to first byte and clean-up, a case\t%.1f\tms\nof that in the process\t%.0f\tms\n", 1000 * $1 / 50, 1000 * $2 }'
