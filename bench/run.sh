#!/bin/sh
# make bench: latency, load time and memory of tmo beside LiteRT on the real models, one thread, in turn on this machine; prints one
# line a model with the ratio LiteRT / tmo (above 1: tmo is faster). Without the peers' environment (make test-peers sets it up)
# only tmo is measured.
set -eu
cd "$(dirname "$0")/.."
cache=${TMO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tmo}/models
python=build/peers/bin/python
[ -d "$cache" ] || tools/get_models
field() { sed -n "s/.*\"$1\": *\([0-9.]*\).*/\1/p" | head -n 1; }
printf '%-34s %12s %12s %8s %12s\n' model 'tmo us' 'LiteRT us' ratio 'tmo load us'
for model in data/handwriting/digits.tflite "$cache"/face_landmark.tflite "$cache"/palm_detection.tflite "$cache"/iris_landmark.tflite \
    "$cache"/face_detection_short_range.tflite "$cache"/ssd_mobilenetv2.tflite "$cache"/speech_embedding.tflite; do
    report=$(build/tmo bench "$model" --threads 1 --seconds 2 --json)
    ours=$(printf '%s' "$report" | field median_us)
    load=$(printf '%s' "$report" | field load_us)
    theirs=- ratio=-
    if [ -x $python ]; then
        theirs=$($python tools/peers/litert_bench.py "$model" --threads 1 2>/dev/null | field median_us)
        ratio=$(awk "BEGIN {printf \"%.2f\", $theirs / $ours}")
    fi
    printf '%-34s %12s %12s %8s %12s\n' "$(basename "$model" .tflite)" "$ours" "$theirs" "$ratio" "$load"
done
