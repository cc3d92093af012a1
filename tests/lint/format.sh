#!/bin/sh
# Every C and C++ file is as clang-format 14 leaves it. Other versions format differently.
set -eu
cd "$1"
tool=$2
case $("$tool" --version 2>/dev/null) in
*"version 14."*) ;;
*)
    echo "skipped: clang-format 14 is not installed"
    exit 77
    ;;
esac
find src include tests -name '*.[ch]' -o -name '*.cc' | xargs "$tool" --dry-run -Werror
