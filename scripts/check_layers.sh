#!/bin/sh
# Who may include whom, as src/README.md draws it. Prints every forbidden include, exit 1.
# usage: check_layers.sh [SOURCE_FOLDER]
set -eu
cd "${1:-$(dirname "$0")/..}"
bad=0

# folder: the folders of src/ it may include besides itself
allowed() {
    case $1 in
    core) echo "" ;;
    volume) echo "core" ;;
    num | io) echo "core volume" ;;
    tracer) echo "core" ;;
    phantom) echo "core volume num" ;;
    calib) echo "core volume tracer" ;;
    filter | pvc | roi | measure | ihc) echo "core volume num" ;;
    kinetic | dose) echo "core volume num tracer" ;;
    surrogate) echo "core volume num tracer" ;;
    validation) echo "core volume num" ;;
    report) echo "core volume io" ;;
    pipeline) echo "core volume num io tracer phantom calib filter pvc roi measure kinetic dose ihc surrogate validation report" ;;
    study) echo "core volume num io tracer phantom calib filter pvc roi measure kinetic dose ihc surrogate validation report pipeline" ;;
    cli) echo "core volume num io tracer phantom calib filter pvc roi measure kinetic dose ihc surrogate validation report pipeline study" ;;
    *) return 1 ;;
    esac
}

# public header: the folder that implements it (a stage must not reach another through it)
home_of() {
    case $1 in
    error | export | log | unit | version) echo core ;;
    blood | grid | labels | psf | volume | regions | table | scan | slide) echo volume ;;
    convolution) echo num ;;
    scan_file | slide_file) echo io ;;
    ihc) echo ihc ;;
    calibration | target | tissue_weights | tracer) echo tracer ;;
    dose) echo dose ;;
    phantom | phantom_analysis) echo phantom ;;
    suv) echo calib ;;
    filter) echo filter ;;
    pvc | recovery) echo pvc ;;
    background | segment) echo roi ;;
    features | measure) echo measure ;;
    surrogate | uptake_model) echo surrogate ;;
    agreement | correlation | line_fit | ordinal | small_samples | statistic) echo validation ;;
    tiac) echo dose ;;
    quantify) echo pipeline ;;
    study) echo study ;;
    rgdquant) echo cli ;;
    *) return 1 ;;
    esac
}

complain() {
    echo "$1" >&2
    bad=1
}

for folder in src/*/; do
    from=$(basename "$folder")
    may=$(allowed "$from") || { complain "src/$from has no rule in scripts/check_layers.sh"; continue; }
    for file in "$folder"*.[ch] "$folder"*.cc; do
        [ -e "$file" ] || continue
        for target in $(sed -n 's/^# *include "\([^"]*\)".*/\1/p' "$file"); do
            case $target in
            rgdquant/*)
                noun=$(basename "$target" .h)
                to=$(home_of "$noun") || { complain "$file: rgdquant/$noun.h has no rule"; continue; }
                ;;
            */*) to=${target%%/*} ;;
            *) continue ;;
            esac
            [ "$to" = "$from" ] && continue
            case " $may " in
            *" $to "*) ;;
            *) complain "$file: $from must not include $target (of $to)" ;;
            esac
        done
    done
done

# third-party headers: pattern, then where it may stand
only_in() {
    for file in $(grep -lE "^# *include <($1)" -r src include 2>/dev/null); do
        case $file in
        $2) ;;
        *) complain "$file: <$1> may be included in $2 only" ;;
        esac
    done
}
only_in 'fftw3\.h|gsl/' 'src/num/*'
only_in 'png\.h' 'src/io/png.c'
only_in 'tiff[a-z]*\.h' 'src/io/*tiff.c'
only_in 'openslide\.h' 'src/io/slide_openslide.c'
only_in 'nifti[a-z0-9_/]*\.h|znzlib\.h' 'src/io/nifti*.[ch]'
only_in 'dcmtk/' 'src/io/dicom*.cc'
only_in 'jansson\.h' 'src/core/json*.c'
only_in 'openssl/' 'src/core/hash.c'
only_in 'xraylib' 'src/dose/photon_data.c'
for file in $(grep -lE '^# *(include <omp\.h>|pragma omp)' -r src/core src/io src/cli 2>/dev/null); do
    complain "$file: OpenMP must not be used in core, io or cli"
done
exit $bad
