#!/bin/sh
# Does a folder keep the rules of BIDS for derivatives? Its own reading of the standard (1.9,
# "Derivatives", "Positron Emission Tomography", appendix "Entities"): dataset_description.json,
# folders, the order of entities, labels, suffixes and endings, the side files tables need.
# What .bidsignore lists is left out, as by a validator.
# usage: check_derivative.sh DIR
set -u
list=$(mktemp) || exit 99
trap 'rm -f "$list"' EXIT
cd "$1" || exit 99
bad=0
wrong() {
    echo "$*" >&2
    bad=1
}

# ---- the description
file=dataset_description.json
for key in Name BIDSVersion DatasetType GeneratedBy; do
    grep -Eq "^  \"$key\": " $file || wrong "$file has no $key"
done
grep -Eq '^  "BIDSVersion": "1\.[0-9]+\.[0-9]+"' $file || wrong "BIDSVersion is no version"
grep -Eq '^  "DatasetType": "derivative"' $file || wrong "DatasetType is not derivative"
# an array of objects, each with a Name
tr -d '\n' <$file | grep -Eq '"GeneratedBy": \[ *\{ *"Name": "[^"]+"' || wrong "GeneratedBy has no Name"
[ -f README ] || wrong "there is no README"

# ---- names
label='[0-9A-Za-z]+'
index='[0-9]+'
entities="sub-$label(_ses-$label)?(_task-$label)?(_acq-$label)?(_ce-$label)?(_trc-$label)?"
entities="$entities(_rec-$label)?(_dir-$label)?(_run-$index)?(_space-$label)?(_res-$label)?"
entities="$entities(_den-$label)?(_label-$label)?_desc-$label"
# suffixes of the standard, then ours
image="$entities""_(pet|dseg|probseg|mask)\.(nii\.gz|json)"
table="$entities""_(dseg|probseg)\.tsv"
ours="$entities""_(measures\.(tsv|json)|surrogate\.json|run\.json|report\.html)"
find sub-*/ -type f | sort >"$list"
while read -r path; do
    name=${path##*/}
    folder=${path%/*}
    case $folder in
    sub-*/figures)
        echo "$name" | grep -Eq "^$entities""_overview\.png$" || wrong "figure $path"
        continue
        ;;
    esac
    echo "$folder" | grep -Eq "^sub-$label(/ses-$label)?/pet$" || wrong "folder of $path"
    echo "$name" | grep -Eq "^($image|$table|$ours)$" || wrong "name of $path"
    # the folders say the same participant and session as the name
    start=$(echo "${folder%/pet}" | tr '/' '_')
    case $name in "$start"_*) ;; *) wrong "$path lies in another's folder" ;; esac
    case $folder in */ses-*) ;; *) case $name in *_ses-*) wrong "$path: no folder of its session" ;; esac ;; esac
    # a table is described; regions have names
    case $name in
    *_measures.tsv) [ -f "${path%.tsv}.json" ] || wrong "$path has no JSON file" ;;
    *_dseg.nii.gz) [ -f "${path%.nii.gz}.tsv" ] || wrong "$path has no table of names" ;;
    *_dseg.tsv) head -1 "$path" | grep -Eq '^index	name' || wrong "$path: columns index, name" ;;
    esac
done <"$list"
[ -s "$list" ] || wrong "there is no file of a participant"

# ---- nothing else but what .bidsignore lists
for path in *; do
    case $path in
    *.html) grep -qx '\*\.html' .bidsignore || wrong "$path is not in .bidsignore" ;;
    dataset_description.json | README | sub-*) ;;
    group_measures.*) grep -qx 'group_measures\.\*' .bidsignore || wrong "$path is not in .bidsignore" ;;
    *) grep -qx "$path/\{0,1\}" .bidsignore || wrong "$path is not in .bidsignore" ;;
    esac
done
for path in sub-*; do
    [ -d "$path" ] || continue
    [ -f "$path.html" ] || wrong "$path has no page"
done
exit $bad
