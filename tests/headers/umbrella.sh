#!/bin/sh
# rgdquant.h includes every other public header.
set -eu
cd "$1/include/rgdquant"
bad=0
for header in *.h; do
    case $header in rgdquant.h | export.h) continue ;; esac
    grep -q "\"rgdquant/$header\"" rgdquant.h || { echo "rgdquant.h lacks $header" >&2; bad=1; }
done
exit $bad
