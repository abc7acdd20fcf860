#!/bin/sh
# A build for the operators and the type of one model: runs this model with the same results as a build of all, names the operator that another model lacks,
# and is small.
# usage: selected.sh SOURCE BUILD PROGRAM MODEL OTHER-MODEL      PROGRAM: tflite_run; BUILD: of the command line
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
data=$1/data/handwriting/train4k
"$2/tmo" quantize "$4" -o "$folder/int8.tflite" --data "idx:$data-images.idx3-ubyte.gz,$data-labels.idx1-ubyte.gz" --samples 20 --quiet > "$folder/log"
TMO="$2/tmo" "$1/tools/select_operators" "$folder/int8.tflite" > "$folder/operators.txt"
cmake -S "$1" -B "$folder/build" -DCMAKE_BUILD_TYPE=MinSizeRel -DTMO_RUNTIME_ONLY=ON -DTMO_TESTS=OFF -DTMO_TYPES=int8 \
    "-DTMO_OPERATORS=$folder/operators.txt" > "$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
cmake --build "$folder/build" -j 2 --target tmo_tflite_shared tmo_runtime_shared > "$folder/log" 2>&1 || { tail "$folder/log"; exit 1; }
"$1/tests/api/tflite_swap.sh" "$3" "$folder/build/libtmo_tflite.so" "$folder/int8.tflite"
mkdir "$folder/ours" "$folder/all"
ln -s "$folder/build/libtmo_tflite.so" "$folder/ours/libtensorflowlite_c.so"
ln -s "$2/libtmo_tflite.so" "$folder/all/libtensorflowlite_c.so"
for library in ours all; do
    LD_LIBRARY_PATH="$folder/$library" "$3" "$folder/int8.tflite" > "$folder/$library.txt"
done
cmp "$folder/ours.txt" "$folder/all.txt"
if LD_LIBRARY_PATH="$folder/ours" "$3" "$5" > /dev/null 2> "$folder/error"; then
    echo "selected: a model with another operator ran" >&2
    exit 1
fi
cat "$folder/error"
grep -q 'ADD.*not in this build' "$folder/error"
strip -o "$folder/small.so" "$folder/build/libtmo_runtime.so"
wc -c < "$folder/small.so"
