#!/bin/sh
# What `batch --submit slurm` asks of sbatch, told by one that writes down its words; what a task
# then does; what is refused.
# usage: submit.sh PROGRAM
set -u
program=$(readlink -f "$1")
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
export LC_ALL=C XDG_CACHE_HOME="$work/cache"
fail() {
    echo "$1"
    exit 1
}
for i in 1 2 3; do
    "$program" phantom make rgd-torso p$i.nii.gz --voxel-mm 12 --seed $i --quiet >/dev/null || exit 1
done
printf 'case\tscan\tregions\n' >cases.tsv
for i in 1 2 3; do printf 'c%d\tp%d.nii.gz\tp%d_labels.nii.gz\n' $i $i $i >>cases.tsv; done
mkdir bin
cat >bin/sbatch <<'END'
#!/bin/sh
printf '%s\n' "$@" "RGDQUANT $RGDQUANT" "" >>asked
[ -z "${REFUSE:-}" ] || { echo "sbatch: error: $REFUSE" >&2; exit 1; }
echo "a word of the site" >&2
echo "$((40 + $(grep -c '^RGDQUANT' asked)));cluster"
END
chmod +x bin/sbatch
base=$PATH
batch() {
    "$program" batch --manifest cases.tsv "$@"
}

# refusals: one line each, and nothing is submitted
PATH=/nowhere batch out --tracer 18F-fluciclatide --submit slurm >said 2>&1 && fail "submitted without sbatch"
grep -q "sbatch is in no folder of PATH" said || fail "without sbatch: $(cat said)"
export PATH="$work/bin:$base"
batch out --tracer 18F-fluciclatide --submit slurm --force >said 2>&1
[ $? = 2 ] && grep -q -- "--submit keeps" said || fail "--force: $(cat said)"
batch out --tracer 18F-nothing --submit slurm >said 2>&1 && fail "a study with mistakes was submitted"
batch out --tracer 18F-fluciclatide --only 4 >said 2>&1
[ $? = 2 ] && grep -q "there are 3 cases" said || fail "--only 4: $(cat said)"
[ ! -e asked ] && [ ! -e out ] || fail "something was submitted"
REFUSE="invalid partition" batch out --tracer 18F-fluciclatide --submit slurm >said 2>&1 && fail "sbatch refused"
grep -q "gave no job number.*invalid partition" said || fail "refused: $(cat said)"
rm -rf asked out

# words for sbatch, for the tasks, for the group; the program by its path
batch "out 50%" --tracer 18F-fluciclatide --submit slurm --jobs 7 --threads 2 --mem-gb 3.5 --time-min 9.5 \
    "--sbatch=--partition=long  --account=x" --resume --unit suvbw >said 2>said.err || fail "$(cat said.err)"
[ "$(cat said)" = "3 cases are job 41, merging them is job 42 (squeue -j 41,42); results: cases.tsv, group.html in out 50%" ] ||
    fail "said: $(cat said)"
scripts=$(dirname "$program")/../share/rgdquant/slurm
cat >wanted <<END
--parsable
--export=ALL
--array=1-3%7
--output=out 50%%/logs/slurm-%A_%a.log
--cpus-per-task=2
--mem=3584
--time=12
--partition=long
--account=x
$scripts/rgdquant-array.sbatch
--threads=2
--manifest
cases.tsv
out 50%
--tracer
18F-fluciclatide
--mem-gb
3.5
--time-min
9.5
--unit
suvbw
RGDQUANT $program

--parsable
--export=ALL
--dependency=afterany:41
--output=out 50%%/logs/slurm-%j_group.log
--partition=long
--account=x
$scripts/rgdquant-group.sbatch
out 50%
RGDQUANT $program

END
sed "s|^.*/slurm/\(rgdquant-[a-z]*.sbatch\)$|$scripts/\1|" asked >asked.seen
diff wanted asked.seen || fail "sbatch is asked for something else"
rm asked
batch json --tracer=18F-fluciclatide --submit=slurm --jobs=2 --json 2>said.err | tr -d ' \n' >said
grep -q '"cases":3,"array_job":"41","group_job":"42"' said || fail "json: $(cat said said.err)"

# tasks as Slurm runs them, two at once and one twice; then the group
task() {
    SLURM_ARRAY_TASK_ID=$1 RGDQUANT=$program sh "$scripts/rgdquant-array.sbatch" --manifest cases.tsv tasks \
        --tracer 18F-fluciclatide --quiet >"said.$1$2" 2>&1
}
task 3 a || fail "task 3: $(cat said.3a)"
[ "$(cut -f 1,2 tasks/cases.tsv | tr '\t\n' ': ')" = "case:status c1:skipped c2:skipped c3:done " ] ||
    fail "after task 3: $(cat tasks/cases.tsv)"
task 1 a & first=$!
task 1 b & second=$!
task 2 a || fail "task 2: $(cat said.2a)"
wait $first || fail "task 1: $(cat said.1a)"
wait $second || fail "task 1, again: $(cat said.1b)"
RGDQUANT=$program sh "$scripts/rgdquant-group.sbatch" tasks >said 2>&1 || fail "group: $(cat said)"
[ "$(cut -f 2 tasks/cases.tsv | grep -c '^done$')" = 3 ] || fail "not done: $(cat tasks/cases.tsv)"
batch here --tracer 18F-fluciclatide --quiet >said 2>&1 && "$program" batch here group --quiet >said 2>&1 ||
    fail "$(cat said)"
cmp here/group_measures.tsv tasks/group_measures.tsv || exit 1

# a case that fails is a row, not a failed task
head -c 400 p2.nii.gz >short && mv short p2.nii.gz
task 2 b || fail "a failed case is a failed task: $(cat said.2b)"
grep -q '^c2	failed' tasks/cases.tsv || fail "no row: $(cat tasks/cases.tsv)"
[ ! -e tasks/c2/measures.tsv ] || fail "the result of another scan stays"
echo "submitted, refused and run as tasks"
