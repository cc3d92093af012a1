#!/bin/sh
# No source file over 600 lines; no function over 80 (a body from `{` to `}` at column one).
set -eu
cd "$1"
bad=0
for file in $(find src include tests -name '*.[ch]' -o -name '*.cc'); do
    lines=$(wc -l <"$file")
    [ "$lines" -le 600 ] || { echo "$file: $lines lines; 600 are allowed" >&2; bad=1; }
    awk -v file="$file" '
        /^\{/ { start = NR }
        /^\}/ { if (start && NR - start > 80) {
                    print file ":" start ": a function of " NR - start " lines; 80 are allowed"
                    bad = 1 }
                start = 0 }
        END { exit bad }' "$file" >&2 || bad=1
done
exit $bad
