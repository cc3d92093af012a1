#!/bin/sh
# Datasets that are odd, and what is made of them, case by case: volumes that are empty, of
# another kind or without a voxel; tracers that are not named, not known or not one; regions that
# lack, are several or lie in anat/; DICOM below sourcedata; runs and sessions; a tree of exports.
# usage: datasets.sh PROGRAM FOLDER_OF_THIS_FILE
set -u
program=$(readlink -f "$1")
here=$(readlink -f "$2")
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
PATH=$(dirname "$program"):$PATH
export PATH LC_ALL=C OMP_NUM_THREADS=1 XDG_CACHE_HOME="$work/cache"
. "$here/make_study.sh"
fail() {
    echo "datasets: $*" >&2
    [ -f said ] && cat said >&2
    exit 1
}
reason() {
    awk -F'\t' -v c="$1" '$1 == c {print $2 ": " $3}' "${2:-out}/cases.tsv"
}
expect() { # case, words of its row, folder of results
    case $(reason "$1" "${3:-out}") in
    *"$2"*) ;;
    *) fail "$1: '$(reason "$1" "${3:-out}")' says nothing of '$2'" ;;
    esac
}
refused() { # exit code 2 and words; the rest is the command
    words=$1
    shift
    "$@" --quiet >said 2>&1
    [ $? = 2 ] || fail "not refused: $*"
    grep -q -e "$words" said || fail "the refusal says nothing of '$words'"
}

# a scan as all the others are made of
rgdquant phantom make rgd-torso good.nii --voxel-mm 20 --tracer 18F-fluciclatide --quiet >t || fail make
rgdquant phantom make rgd-torso dicom --format dicom --voxel-mm 20 --quiet >t || fail make
raw=raw/derivatives/outlines
dataset() {
    rm -rf raw out
    mkdir -p $raw
    printf '{"Name": "odd", "BIDSVersion": "1.9.0"}\n' >raw/dataset_description.json
}
scan() { # participant/session-or-nothing, name without _pet, where regions go (or "")
    mkdir -p "raw/$1/pet"
    cp good.nii "raw/$1/pet/$2_pet.nii"
    cp good.json "raw/$1/pet/$2_pet.json"
    [ -n "$3" ] || return 0
    mkdir -p "$(dirname "$raw/$3")"
    cp good_labels.nii.gz "$raw/$3_dseg.nii.gz"
    cp good_labels.tsv "$raw/$3_dseg.tsv"
}

# ---- what is no dataset, and words that are wrong
mkdir empty
rgdquant batch empty out participant >said 2>&1
[ $? = 1 ] && grep -q 'no BIDS dataset' said || fail "a folder that is no dataset"
dataset
refused 'no \*_pet.nii' rgdquant batch raw out participant
scan sub-01 sub-01 sub-01/pet/sub-01_desc-a
refused 'no participant 09' rgdquant batch raw out participant --participant-label 09,01
refused 'no session x' rgdquant batch raw out participant --session-label x
refused 'participant' rgdquant batch raw out
refused 'BIDS_DIR OUT_DIR' rgdquant batch raw out everybody
refused 'one of them' rgdquant batch out --manifest a --scan-tree b
refused 'not with --manifest' rgdquant batch out --manifest a --participant-label 01
refused 'one too many' rgdquant batch out more --manifest a
[ -e out ] && fail "a refusal leaves a folder"
rgdquant batch out group >said 2>&1
[ $? = 1 ] && grep -q 'cases.tsv' said || fail "a group of nothing"

# ---- volumes
dataset
for n in 01 02 03 04 05 06 07; do
    scan sub-$n sub-$n sub-$n/pet/sub-${n}_desc-a
done
: >raw/sub-01/pet/sub-01_pet.nii                                            # no byte
head -c 352 good.nii >raw/sub-02/pet/sub-02_pet.nii                         # a header alone
printf 'this is no image\n' >raw/sub-03/pet/sub-03_pet.nii                  # text
head -c 63000 /dev/zero >raw/sub-04/pet/sub-04_pet.nii                      # zeros
printf '{"TracerName": ' >raw/sub-05/pet/sub-05_pet.json                    # a torn side file
printf '\000\000' | dd of=raw/sub-06/pet/sub-06_pet.nii bs=1 seek=42 conv=notrunc 2>/dev/null # 0 columns
rgdquant batch raw out participant --quiet >said 2>&1
[ $? = 4 ] || fail "exit code of broken volumes"
for n in 01 02 03 04 05 06; do
    expect sub-$n 'failed: '
    [ -d out/sub-$n ] && fail "sub-$n left files"
done
expect sub-05 sub-05_pet.json
expect sub-07 done
sh "$here/check_derivative.sh" out || fail "names beside failures"

# ---- tracers
dataset
for n in 01 02 03; do
    scan sub-$n sub-$n sub-$n/pet/sub-${n}_desc-a
done
sed -i '/TracerName/d' raw/sub-01/pet/sub-01_pet.json
sed -i 's/"TracerName": .*/"TracerName": "FDG",/' raw/sub-02/pet/sub-02_pet.json
rgdquant batch raw out participant --quiet >said 2>&1
[ $? = 4 ] || fail "exit code of tracers"
expect sub-01 'names no tracer'
expect sub-02 "'FDG'"
expect sub-03 done
rgdquant batch raw out participant --resume --tracer 18F-fluciclatide --quiet >said || fail "--tracer"
# the third was made with the very same tracer
grep -q '3 of 3 cases done, 0 not; 2 run now' said || fail "--tracer runs others"
# one name, two tracers: --data-dir with a library of two
mkdir -p lib/tracers
for data in "${RGDQUANT_DATA_DIR:-}" "$here/../.."; do [ -d "$data/tracers" ] && break; done
cp "$data/tracers/isotopes.json" "$data/tracers/integrins.json" lib/tracers/
for id in 18F-fluciclatide 18F-alfatide; do
    sed 's/"aliases": \[/"aliases": ["arg-gly-asp", /' "$data/tracers/$id.json" >lib/tracers/$id.json
done
[ -f "$data/tracers/references.json" ] && cp "$data/tracers/references.json" lib/tracers/
sed -i 's/"TracerName": .*/"TracerName": "arg-gly-asp",/' raw/sub-02/pet/sub-02_pet.json
rm -rf out
rgdquant batch raw out participant --data-dir lib --quiet >said 2>&1
expect sub-02 'may be 18F-alfatide, 18F-fluciclatide'

# ---- regions
dataset
scan sub-01 sub-01 sub-01/pet/sub-01_desc-a
scan sub-02 sub-02 ""
scan sub-03 sub-03 sub-03/pet/sub-03_desc-a
cp $raw/sub-03/pet/sub-03_desc-a_dseg.nii.gz $raw/sub-03/pet/sub-03_desc-b_dseg.nii.gz
scan sub-04 sub-04 sub-04/anat/sub-04_acq-x_run-2_desc-a
scan sub-05 sub-05_run-1 sub-05/pet/sub-05_run-1_desc-a
scan sub-05 sub-05_run-2 sub-05/pet/sub-05_run-2_desc-a
scan sub-06/ses-1 sub-06_ses-1 sub-06/ses-1/pet/sub-06_ses-1_desc-a
scan sub-06/ses-2 sub-06_ses-2 sub-06/ses-1/pet/sub-06_ses-2_desc-a
rgdquant batch raw raw/derivatives/uptake participant --quiet >said 2>&1
[ $? = 4 ] || fail "exit code of regions"
out=raw/derivatives/uptake
expect sub-01 done $out
expect sub-02 'no regions' $out
expect sub-03 'sub-03_desc-a_dseg.nii.gz, sub-03_desc-b_dseg.nii.gz' $out
expect sub-04 done $out
expect sub-05_run-1 done $out
expect sub-05_run-2 done $out
expect sub-06_ses-1 done $out
expect sub-06_ses-2 'no regions' $out
[ -f $out/sub-05/pet/sub-05_trc-18Ffluciclatide_run-1_desc-uptake_measures.tsv ] || fail "trc before run"
grep -q '"raw": "../.."' $out/dataset_description.json || fail "no link to the raw dataset"
sh "$here/check_derivative.sh" $out || fail "names in derivatives"
# its own results are no regions, whatever they are called
rgdquant batch raw $out participant --resume --quiet >said 2>&1
grep -q '; 3 run now' said || fail "its own results became regions"
rgdquant batch raw out participant --segment fixed:3 --quiet >said 2>&1 || fail "--segment"
grep -q '8 of 8 cases done' said || fail "--segment"

# ---- DICOM below sourcedata, and a case that goes bad after it was good
dataset
scan sub-01 sub-01 sub-01/pet/sub-01_desc-a
mkdir -p raw/sourcedata/sub-02/ses-x/some/where
cp dicom/*.dcm raw/sourcedata/sub-02/ses-x/some/where/ 2>/dev/null || cp dicom/* raw/sourcedata/sub-02/ses-x/some/where/
rgdquant batch raw out participant --segment fixed:3 --tracer 18F-fluciclatide --quiet >said 2>&1 || fail "sourcedata"
expect sub-02_ses-x done
[ -f out/sub-02/ses-x/pet/sub-02_ses-x_trc-18Ffluciclatide_desc-uptake_report.html ] || fail "names of DICOM"
sh "$here/check_derivative.sh" out || fail "names of DICOM"
: >raw/sub-01/pet/sub-01_pet.nii
rgdquant batch raw out participant --segment fixed:3 --tracer 18F-fluciclatide --resume --quiet >said 2>&1
expect sub-01 failed
[ -z "$(find out/sub-01 -type f)" ] || fail "results of a scan that is gone: $(find out/sub-01 -type f)"

# ---- a tree of exports
mkdir -p tree/Doe_Jane/b tree/Doe_Jane/a
i=0
for file in dicom/*; do # a series in two folders
    i=$((1 - i))
    if [ $i = 1 ]; then cp "$file" tree/Doe_Jane/a/; else cp "$file" tree/Doe_Jane/b/; fi
done
printf 'no DICOM\n' >tree/readme.txt
rgdquant batch --scan-tree tree cases.tsv --quiet >said 2>&1 || fail "--scan-tree"
grep -q '^1 series of 1 patients in 1 studies' said || fail "--scan-tree"
[ "$(head -1 cases.tsv)" = "case	scan	series	tracer" ] || fail "columns of a tree"
[ "$(cut -f1 cases.tsv | tail -1)" = p01-s1-1 ] || fail "name of a case of a tree"
rgdquant batch --scan-tree tree cases.tsv >said 2>&1 && fail "a table is overwritten"
rgdquant batch --scan-tree empty cases2.tsv >said 2>&1 && fail "a tree of nothing"
[ -e cases2.tsv ] && fail "a tree of nothing is written"
rgdquant batch --manifest cases.tsv treeout --tracer 18F-fluciclatide --segment fixed:3 --quiet >said 2>&1 || fail "cases of a tree"
expect p01-s1-1 done treeout
if grep -rl -e Doe_Jane treeout --include='*.tsv' --include='*.json' --include='*.html'; then
    fail "an output names the folder of a patient"
fi
echo "volumes, tracers, regions, sourcedata, tree: each as it should be"
