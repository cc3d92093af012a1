#!/bin/sh
# Every `cite:Key` in code and every "source" in the data files must be a key of
# src/references.json, and each entry there needs authors, title, journal and year.
# usage: check_references.sh [SOURCE_FOLDER]
set -eu
cd "${1:-$(dirname "$0")/..}"
list=src/references.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

sed -n 's/^  "\([A-Za-z0-9]*\)": {$/\1/p' "$list" | sort >"$work/keys"
[ -s "$work/keys" ] || { echo "$list: no key found; one entry a key, indented by two" >&2; exit 1; }
sort -u "$work/keys" | cmp -s - "$work/keys" || { echo "$list: a key stands twice" >&2; bad=1; }

# file:key of every use; "cite:Key" is how the documentation writes about keys
{
    grep -roE 'cite:[A-Za-z][A-Za-z0-9]*' --include='*.[ch]' --include='*.cc' --include='*.json' \
        src include tracers phantoms tests 2>/dev/null | sed 's/:cite:/:/'
    grep -roE '"source" *: *"[^"]*"' --include='*.json' tracers phantoms 2>/dev/null |
        sed 's/:"source" *: *"\(.*\)"$/:\1/'
} | grep -v ':Key$' | sort -u >"$work/uses" || true
while IFS= read -r use; do
    key=${use##*:}
    grep -qxF "$key" "$work/keys" || {
        echo "${use%:*}: '$key' is not a key of $list" >&2
        bad=1
    }
done <"$work/uses"

while IFS= read -r key; do
    sed -n "/^  \"$key\": {\$/,/^  }/p" "$list" >"$work/entry"
    for field in authors title journal year; do
        grep -qE "^    \"$field\": (\"..|[12][0-9]{3})" "$work/entry" || {
            echo "$list: $key lacks '$field'" >&2
            bad=1
        }
    done
done <"$work/keys"
exit $bad
