#!/bin/sh
# A program that was linked against libtensorflowlite_c, with symbol versions, runs with libtmo_tflite in its place.
# usage: tflite_swap.sh PROGRAM LIBRARY MODEL [--peer]
#   LIBRARY: libtmo_tflite.so; --peer: compares with the libtensorflowlite_c.so in the folder that TMO_PEER_TFLITE names
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/ours" "$folder/real"
ln -s "$2" "$folder/ours/libtensorflowlite_c.so"
LD_LIBRARY_PATH="$folder/ours" "$1" "$3" > "$folder/ours.txt"
if [ $# -lt 4 ]; then # the model's outputs are ten probabilities
    awk '/^#/ { next } { count++; sum += $1 } END { exit !(count == 10 && sum > 0.999 && sum < 1.001) }' "$folder/ours.txt"
    exit
fi
peer=${TMO_PEER_TFLITE:-/nowhere}/libtensorflowlite_c.so
if [ ! -e "$peer" ]; then
    echo "tflite_swap: TMO_PEER_TFLITE names no folder with libtensorflowlite_c.so; skipped"
    exit 77
fi
ln -s "$(realpath "$peer")" "$folder/real/libtensorflowlite_c.so"
LD_LIBRARY_PATH="$folder/real" "$1" "$3" > "$folder/real.txt"
paste "$folder/ours.txt" "$folder/real.txt" | awk '
    /^#/ { split($0, half, "\t"); if (half[1] != half[2]) bad = 1; next }
    { count++; d = $1 - $2; if (d < 0) d = -d; v = $2 < 0 ? -$2 : $2; if (d > most) most = d; if (v > largest) largest = v }
    END { printf "%d values, largest %g, largest difference %g\n", count, largest, most; exit bad || count == 0 || most > 1e-4 * largest }'
