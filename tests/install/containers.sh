#!/bin/sh
# Dockerfile and Apptainer.def without an engine: every path they copy exists, every package and
# option is one, and the entry point is a command of the program where the package puts it.
# usage: containers.sh SOURCE_FOLDER PROGRAM
set -eu
cd "$1"
program=$2
fail() {
    echo "$1"
    exit 1
}
for file in Dockerfile Apptainer.def; do
    [ -s "$file" ] || fail "no $file"
    for used in $(grep -o 'scripts/[a-z-]*' "$file" | sort -u); do
        [ -x "$used" ] || fail "$file uses $used, which is not there"
    done
    grep -q 'install-deps build' "$file" || fail "$file installs no packages to build with"
    for option in $(grep -o -- '-DRGQ_[A-Z]*' "$file" | cut -c 3- | sort -u); do
        grep -q "option($option " CMakeLists.txt || fail "$file sets $option, which is no option"
    done
    grep -q 'cpack -G DEB' "$file" && grep -q 'packages/rgdquant_\*\.deb' "$file" ||
        fail "$file does not install the package"
done
copied=$(sed -n 's/^COPY \([^-][^ ]*\) .*/\1/p' Dockerfile)
for path in $copied; do
    [ -e "$path" ] || fail "Dockerfile copies $path, which is not there"
done
entry=$(sed -n 's/^ENTRYPOINT \["\([^"]*\)", "\([^"]*\)"\]$/\1 \2/p' Dockerfile)
run=$(sed -n 's/^ *exec \([^ ]*\) \([^ ]*\) "\$@"$/\1 \2/p' Apptainer.def)
[ -n "$entry" ] && [ "$entry" = "$run" ] || fail "the entry points differ: '$entry' and '$run'"
[ "${entry% *}" = /usr/bin/rgdquant ] || fail "the package puts the program in /usr/bin, not ${entry% *}"
"$program" help --names | grep -qx "${entry#* }" || fail "rgdquant has no command '${entry#* }'"
command -v docker >/dev/null && docker info >/dev/null 2>&1 || {
    echo "checked without an engine: no docker here"
    exit 0
}
docker build -q -t rgdquant-test . >/dev/null && docker run --rm rgdquant-test --help | grep -q participant ||
    fail "the image does not build or run"
