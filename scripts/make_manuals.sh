#!/bin/sh
# Write the manual pages of every command.
# usage: make_manuals.sh PROGRAM FOLDER
set -eu
program=$1
folder=$2
rm -rf "$folder"
mkdir -p "$folder"
for command in $("$program" help --names); do
    "$program" "$command" --help-man >"$folder/rgdquant-$command.1"
done
{
    printf '.TH RGDQUANT 1\n.SH NAME\nrgdquant \\- uptake of integrin tracers in PET and SPECT, measured and explained\n'
    printf '.SH SYNOPSIS\n.B rgdquant\n\\fICOMMAND INPUT\\fR... [\\fIoptions\\fR]\n.SH DESCRIPTION\n.nf\n'
    "$program" help | sed -n '/^[A-Z][a-z ]*$/,$p' | sed 's/-/\\-/g; s/^\./\\\&./'
    printf '.fi\n.SH SEE ALSO\n'
    "$program" help --names | sed 's/.*/.BR rgdquant\\-& (1),/; $s/,$//'
} >"$folder/rgdquant.1"
