#!/bin/sh
# Plant three violations in a copy of the tree; each must be found.
set -eu
top=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/include" "$work/scripts"
cp -r "$top/src" "$work/src"
cp -r "$top/include/rgdquant" "$work/include/"
cp "$top/scripts/check_layers.sh" "$work/scripts/"
mkdir -p "$work/src/calib"
expect_bad() {
    if sh "$work/scripts/check_layers.sh" "$work" 2>"$work/log"; then
        echo "not caught: $1" >&2
        exit 1
    fi
    grep -q "$2" "$work/log" || { cat "$work/log" >&2; exit 1; }
}
sh "$work/scripts/check_layers.sh" "$work"
echo '#include "io/tsv.h"' >"$work/src/calib/planted.c"
expect_bad "a stage that includes a format" 'calib must not include io/tsv.h'
rm "$work/src/calib/planted.c"
mkdir "$work/src/utils"
expect_bad "a folder without a rule" 'src/utils has no rule'
rmdir "$work/src/utils"
echo '#include <fftw3.h>' >"$work/src/core/planted.c"
expect_bad "a third-party header in the wrong place" 'may be included in src/num'
