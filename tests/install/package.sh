#!/bin/sh
# The Debian packages: made, taken apart, and the program run from where they put it.
# usage: package.sh BUILD_FOLDER
set -eu
build=$1
command -v dpkg-deb >/dev/null && command -v dpkg-shlibdeps >/dev/null || {
    echo "skipped: dpkg-deb and dpkg-shlibdeps make Debian packages"
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$build"
cpack -G DEB -B "$work" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
fail() {
    echo "$1"
    exit 1
}
program=$(ls "$work"/rgdquant_*.deb)
library=$(ls "$work"/librgdquant-dev_*.deb)
mkdir "$work/root"
dpkg-deb -x "$program" "$work/root"
dpkg-deb -x "$library" "$work/root"

depends=$(dpkg-deb -f "$program" Depends)
for needed in libc6 libfftw3-single3 libgsl27 libjansson4 libtiff6; do
    case $depends in *"$needed"*) ;; *) fail "the package does not depend on $needed: $depends" ;; esac
done
for name in $("$work/root/usr/bin/rgdquant" help --names); do
    [ -s "$work/root/usr/share/man/man1/rgdquant-$name.1" ] || fail "no manual page of $name"
done
for file in usr/share/bash-completion/completions/rgdquant usr/share/doc/rgdquant/LICENSE \
    usr/share/rgdquant/slurm/rgdquant-array.sbatch usr/share/rgdquant/slurm/rgdquant-group.sbatch \
    usr/share/rgdquant/Snakefile usr/include/rgdquant/rgdquant.h; do
    [ -s "$work/root/$file" ] || fail "no $file"
done
# data beside the program, not those of the build tree
cd "$work"
ls root/usr/share/rgdquant/tracers/*.json >/dev/null
env -i PATH=/nowhere "$work/root/usr/bin/rgdquant" tracer show 18F-fluciclatide | grep -q fluciclatide ||
    fail "the program does not find its data"
env -i PATH=/nowhere HOME="$work" "$work/root/usr/bin/rgdquant" phantom make cylinder c --voxel-mm 8 --quiet \
    >/dev/null || fail "the program does not run"
[ -s c.nii.gz ] || fail "no phantom was made"
printf 'case\tscan\tregions\nc\tc.nii.gz\tc_labels.nii.gz\n' >cases.tsv
mkdir bin
printf '#!/bin/sh\necho "$@" >&2\nfor word; do case $word in *.sbatch) head -n 1 "$word" >&2 ;; esac; done; echo 7\n' >bin/sbatch
chmod +x bin/sbatch
env -i PATH="$work/bin:/usr/bin:/bin" "$work/root/usr/bin/rgdquant" batch --manifest cases.tsv out \
    --tracer 18F-fluciclatide --submit slurm >said 2>&1 || fail "no submission: $(cat said)"
grep -q "^1 cases are job 7" said || fail "no submission: $(cat said)"
