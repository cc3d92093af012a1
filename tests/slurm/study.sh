# A study of ten small cases and its results on this machine. To be sourced:
#   study_make PROGRAM   writes p1..p10, cases.tsv, and the folder `local` with the results
#   study_same OUT       fails with a line unless OUT has the bytes of `local`
study_make() {
    printf 'case\tscan\tregions\n' >cases.tsv
    for i in $(seq 10); do
        "$1" phantom make rgd-torso "p$i.nii.gz" --voxel-mm "${VOXEL_MM:-8}" --psf-mm 8 --noise 10 \
            --seed "$i" --quiet >/dev/null || { echo "no phantom"; return 1; }
        printf 'c%d\tp%d.nii.gz\tp%d_labels.nii.gz\n' "$i" "$i" "$i" >>cases.tsv
    done
    "$1" batch --manifest cases.tsv local --tracer 18F-fluciclatide --quiet >local.log 2>&1 &&
        "$1" batch local group --quiet >>local.log 2>&1 || { cat local.log; return 1; }
}

study_same() {
    [ "$(cut -f 1,2 "$1/cases.tsv" | grep -c 'done$')" = 10 ] ||
        { echo "$1: not ten cases done"; cat "$1/cases.tsv" "$1"/logs/*; return 1; }
    [ "$(cut -f 1,2,6 "$1/cases.tsv")" = "$(cut -f 1,2,6 local/cases.tsv)" ] ||
        { echo "$1: cases.tsv differs"; diff "$1/cases.tsv" local/cases.tsv; return 1; }
    for i in $(seq 10); do
        [ "$(ls "$1/c$i")" = "$(ls "local/c$i")" ] || { echo "$1: files of c$i differ"; return 1; }
        for file in local/c"$i"/*; do
            name=${file##*/}
            [ "$name" = run.json ] && continue # hours and seconds
            cmp "$file" "$1/c$i/$name" || return 1
        done
    done
    cmp local/group_measures.tsv "$1/group_measures.tsv"
}
