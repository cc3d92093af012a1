#!/bin/sh
# A BIDS dataset of 40 scans in the folder $1: 20 participants, two sessions, three tracers;
# tracer and times in the side files, weight in participants.tsv (sub-05: in sessions.tsv),
# regions in derivatives. Then `break_study` and `mend_study` (functions, for a test that
# sources this file) damage five scans in five ways, and undo it.
# usage: . make_study.sh; make_study DIR; break_study DIR; mend_study DIR

study_tracer() { # number of a participant
    case $(($1 % 3)) in
    0) echo 18F-fluciclatide ;;
    1) echo 68Ga-NOTA-RGD ;;
    *) echo 99mTc-RWY ;;
    esac
}

study_scan() { # dataset, participant, session: its path without ending
    trc=$(study_tracer "${2#0}" | tr -dc '[:alnum:]')
    echo "$1/sub-$2/ses-$3/pet/sub-$2_ses-$3_trc-${trc}_pet"
}

study_regions() {
    trc=$(study_tracer "${2#0}" | tr -dc '[:alnum:]')
    echo "$1/derivatives/outlines/sub-$2/ses-$3/pet/sub-$2_ses-$3_trc-${trc}_desc-lesions_dseg"
}

make_study() {
    mkdir -p "$1/derivatives/outlines"
    printf '{"Name": "forty", "BIDSVersion": "1.9.0", "DatasetType": "raw"}\n' \
        >"$1/dataset_description.json"
    printf '{"Name": "outlines", "BIDSVersion": "1.9.0", "DatasetType": "derivative", "GeneratedBy": [{"Name": "by hand"}]}\n' \
        >"$1/derivatives/outlines/dataset_description.json"
    printf 'participant_id\tweight\n' >"$1/participants.tsv"
    for sub in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20; do
        if [ $sub = 05 ]; then
            printf 'sub-05\tn/a\n' >>"$1/participants.tsv"
        else
            printf 'sub-%s\t%d\n' $sub $((60 + ${sub#0})) >>"$1/participants.tsv"
        fi
        for ses in a b; do
            scan=$(study_scan "$1" $sub $ses)
            regions=$(study_regions "$1" $sub $ses)
            mkdir -p "$(dirname "$scan")" "$(dirname "$regions")"
            seed=$((2 * ${sub#0}))
            [ $ses = a ] || seed=$((seed + 1))
            rgdquant phantom make rgd-torso "$scan.nii" --voxel-mm 16 --noise 5 --seed $seed \
                --tracer "$(study_tracer "${sub#0}")" --quiet >made.txt || return 1
            # weight and size come from the tables of the dataset
            grep -v -e PatientWeight -e PatientSize -e PatientSex "$scan.json" >side.json
            mv side.json "$scan.json"
            mv "${scan}_labels.nii.gz" "$regions.nii.gz"
            mv "${scan}_labels.tsv" "$regions.tsv"
            rm "${scan}_truth.json" "${scan}_truth.tsv"
        done
    done
    printf 'session_id\tweight\nses-a\t65\nses-b\t66\n' >"$1/sub-05/sub-05_sessions.tsv"
    rm -f made.txt
}

break_study() {
    # cut short
    scan=$(study_scan "$1" 02 a)
    cp "$scan.nii" "$scan.whole"
    head -c 20000 "$scan.whole" >"$scan.nii"
    # regions on another grid
    regions=$(study_regions "$1" 04 b)
    cp "$regions.nii.gz" "$regions.whole"
    rgdquant phantom make rgd-torso other.nii.gz --voxel-mm 20 --quiet >made.txt || return 1
    cp other_labels.nii.gz "$regions.nii.gz"
    rm -f other* made.txt
    # no weight of the second session
    printf 'session_id\tweight\nses-a\t65\nses-b\tn/a\n' >"$1/sub-05/sub-05_sessions.tsv"
    # a voxel that is no number (ff ff ff ff)
    scan=$(study_scan "$1" 07 a)
    cp "$scan.nii" "$scan.whole"
    printf '\377\377\377\377' | dd of="$scan.nii" bs=4 seek=1500 conv=notrunc 2>/dev/null
    # nobody fetched what the link points to
    scan=$(study_scan "$1" 11 b)
    mv "$scan.nii" "$scan.whole"
    ln -s ../../../.git/annex/objects/gone "$scan.nii"
}

mend_study() {
    for scan in "$(study_scan "$1" 02 a)" "$(study_scan "$1" 07 a)" "$(study_scan "$1" 11 b)"; do
        mv "$scan.whole" "$scan.nii"
    done
    regions=$(study_regions "$1" 04 b)
    mv "$regions.whole" "$regions.nii.gz"
    printf 'session_id\tweight\nses-a\t65\nses-b\t66\n' >"$1/sub-05/sub-05_sessions.tsv"
}
