#!/bin/sh
# libtmo_tflite exports the documented functions, each with the version that programs linked against libtensorflowlite_c ask for, and
# nothing else.
# usage: tflite_symbols.sh LIBRARY
set -eu
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
LC_ALL=C sort tflite_symbols.txt | sed 's/$/@@VERS_1.0/' > "$folder/documented"
nm -D --with-symbol-versions --defined-only "$1" | awk '$2 != "A" && $3 !~ /^__(asan|ubsan|odr_asan|gcov|tsan)/ { print $3 }' |
    LC_ALL=C sort > "$folder/exported"
diff "$folder/documented" "$folder/exported"
