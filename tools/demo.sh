#!/bin/sh
# make demo: a handwriting model (MNIST), quantized four ways; size, accuracy on 10,000 test images and speed of each, as a table here
# and as a page in build/demo/index.html.
set -eu
cd "$(dirname "$0")/.."
tmo=build/tmo
data=data/handwriting
model=$data/digits.tflite
calibration=idx:$data/train4k-images.idx3-ubyte.gz
test=idx:$data/t10k-images.idx3-ubyte.gz,$data/t10k-labels.idx1-ubyte.gz
out=build/demo
mkdir -p $out

field() { sed -n "s/^ *\"$1\": *\([0-9.]*\),*$/\1/p" "$2" | head -n 1; }

# measure NAME FILE: appends "name bytes gzip accuracy median_us" to the results
measure() {
    $tmo eval "$2" --data "$test" --json --quiet > $out/eval.json
    $tmo bench "$2" --threads 1 --seconds 0.5 --json > $out/bench.json
    echo "$1 $(wc -c < "$2") $(gzip -9c "$2" | wc -c) $(field value $out/eval.json) $(field median_us $out/bench.json)" >> $out/results.txt
}

: > $out/results.txt
echo "the float model: $model"
measure float32 $model
for scheme in float16 dynamic int16x8 int8; do
    echo "quantizing: $scheme"
    $tmo quantize $model -o $out/digits.$scheme.tflite --scheme $scheme --data "$calibration" --json --quiet > $out/quantize.json
    measure $scheme $out/digits.$scheme.tflite
done

echo
awk '
BEGIN { printf "%-9s %9s %7s %9s %9s %7s %9s\n", "scheme", "bytes", "ratio", "gzip", "accuracy", "drop", "us/image" }
NR == 1 { bytes = $2; accuracy = $4 }
{ printf "%-9s %9d %7.3f %9d %8.2f%% %7.2f %9.0f\n", $1, $2, $2 / bytes, $3, 100 * $4, 100 * (accuracy - $4), $5 }
' $out/results.txt

awk '
BEGIN {
    print "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>tmo: a handwriting model, quantized</title>"
    print "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:46em;margin:2em auto;padding:0 1em;color:#222}table{border-collapse:collapse;width:100%}"
    print "td,th{padding:.3em .7em;text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}"
    print "svg{width:100%;height:auto;margin:1em 0}.bar{fill:#3b7dd8}text{font:13px system-ui,sans-serif}</style>"
    print "<h1>A handwriting model, quantized</h1><p>MNIST digits, 10,000 test images. File size by scheme; each file runs in stock LiteRT.</p>"
}
{ name[NR] = $1; bytes[NR] = $2; zip[NR] = $3; accuracy[NR] = $4; time[NR] = $5 }
END {
    print "<svg viewBox=\"0 0 640 " 34 * NR + 6 "\" role=\"img\" aria-label=\"file size by scheme\">"
    for (k = 1; k <= NR; k++)
        printf "<text x=\"0\" y=\"%d\">%s</text><rect class=\"bar\" x=\"80\" y=\"%d\" width=\"%.0f\" height=\"22\"/><text x=\"%.0f\" y=\"%d\">%d KB, %.2f %%</text>\n", 34 * k - 12, name[k], 34 * k - 28, 390 * bytes[k] / bytes[1], 90 + 390 * bytes[k] / bytes[1], 34 * k - 12, bytes[k] / 1000, 100 * accuracy[k]
    print "</svg><table><tr><th>scheme<th>bytes<th>ratio<th>gzip<th>accuracy<th>drop (points)<th>µs an image</tr>"
    for (k = 1; k <= NR; k++)
        printf "<tr><td>%s<td>%d<td>%.3f<td>%d<td>%.2f %%<td>%.2f<td>%.0f</tr>\n", name[k], bytes[k], bytes[k] / bytes[1], zip[k], 100 * accuracy[k], 100 * (accuracy[1] - accuracy[k]), time[k]
    print "</table><p>Latency: this machine, one thread.</p></html>"
}' $out/results.txt > $out/index.html
echo
echo "page: $out/index.html     models: $out/digits.*.tflite"
