#!/bin/sh
# Quantizes the handwriting model four ways and shows what became of it: size, accuracy on the 10,000 test images of MNIST, latency.
# usage: tools/demo.sh [TMO [OUTPUT_FOLDER]]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
tmo=${1:-$root/build/tmo}
out=${2:-$root/build/demo}
data=$root/data/handwriting
train=idx:$data/train4k-images.idx3-ubyte.gz,$data/train4k-labels.idx1-ubyte.gz
test=idx:$data/t10k-images.idx3-ubyte.gz,$data/t10k-labels.idx1-ubyte.gz

mkdir -p "$out"
cp "$data/digits.tflite" "$out/float32.tflite"
for scheme in int8 int16x8 dynamic float16; do
    "$tmo" quantize "$data/digits.tflite" -o "$out/$scheme.tflite" --scheme $scheme --data "$train" --quiet >"$out/$scheme.txt"
done
cd "$out"
"$tmo" compare float32.tflite int8.tflite int16x8.tflite dynamic.tflite float16.tflite --data "$test" \
    --margin 0.003 --report index.html --title "Handwritten digits, quantized four ways"
echo "open $out/index.html to see sample digits and the chart"
