#!/bin/sh
# usage: prefix.sh BUILD_FOLDER THIS_FOLDER COMPILER SANITIZERS
set -eu
build=$1
here=$2
compiler=$3
sanitize=${4:+-fsanitize=$4}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/prefix" >/dev/null
unset RGDQUANT_DATA_DIR || true
cd "$work"
prefix/bin/rgdquant tracer list >list.tsv
grep -q 18F-fluciclatide list.tsv
test -s prefix/share/man/man1/rgdquant-tracer.1
test -s prefix/share/bash-completion/completions/rgdquant
test -x prefix/share/rgdquant/slurm/rgdquant-array.sbatch
test -s prefix/share/rgdquant/Snakefile
# moved as a whole, it still works: nothing in it names the place it was installed to
mv prefix moved
moved/bin/rgdquant tracer list | cmp - list.tsv
pc=$(dirname "$(find moved -name rgdquant.pc)")
PKG_CONFIG_PATH=$pc
export PKG_CONFIG_PATH
"$compiler" -std=c11 $sanitize "$here/consumer.c" -o consumer $(pkg-config --cflags --libs --static rgdquant)
./consumer
