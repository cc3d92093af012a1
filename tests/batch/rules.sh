#!/bin/sh
# check_derivative.sh finds what it is there for: one rule after the other is broken.
# usage: rules.sh FOLDER_OF_THIS_FILE
set -u
here=$(readlink -f "$1")
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
stem=sub-01/ses-a/pet/sub-01_ses-a_trc-x_desc-uptake
fresh() {
    rm -rf set
    mkdir -p set/sub-01/ses-a/pet set/sub-01/figures
    cat >set/dataset_description.json <<'JSON'
{
  "Name": "x",
  "BIDSVersion": "1.9.0",
  "DatasetType": "derivative",
  "GeneratedBy": [
    {
      "Name": "rgdquant"
    }
  ]
}
JSON
    printf '*.html\n' >set/.bidsignore
    printf 'index\tname\n' >set/${stem}_dseg.tsv
    touch set/README set/sub-01.html set/${stem}_measures.tsv set/${stem}_measures.json set/${stem}_dseg.nii.gz
}
bad=0
refused() {
    if sh "$here/check_derivative.sh" set 2>/dev/null; then
        echo "not found: $1" >&2
        bad=1
    fi
}
fresh
sh "$here/check_derivative.sh" set || { echo "a good set is refused" >&2; bad=1; }
fresh && sed -i '/BIDSVersion/d' set/dataset_description.json && refused "no BIDSVersion"
fresh && sed -i 's/"derivative"/"raw"/' set/dataset_description.json && refused "raw"
fresh && sed -i 's/"Name": "rgdquant"//' set/dataset_description.json && refused "GeneratedBy without Name"
fresh && rm set/README && refused "no README"
fresh && touch set/sub-01/ses-a/pet/sub-01_trc-x_ses-a_desc-uptake_measures.json && refused "order of entities"
fresh && touch set/sub-01/ses-a/pet/sub-01_ses-a_trc-18F-x_desc-uptake_run.json && refused "a hyphen in a label"
fresh && touch set/sub-01/ses-a/pet/sub-01_ses-b_trc-x_desc-uptake_run.json && refused "another session"
fresh && touch set/sub-01/ses-a/pet/measures.tsv && refused "no entities"
fresh && touch set/sub-01/pet.json && refused "no folder of a modality"
fresh && rm set/${stem}_measures.json && refused "a table without a description"
fresh && rm set/${stem}_dseg.tsv && refused "regions without names"
fresh && touch set/cases.tsv && refused "a file that .bidsignore does not list"
fresh && rm set/sub-01.html && refused "no page of a participant"
exit $bad
