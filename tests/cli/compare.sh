# A/B: the report, the verdict and its exit status.
model=$data/digits.tflite
expect 0 "$tmo" quantize "$model" -o int8.tflite --data "$train" --samples 32
expect 0 "$tmo" compare "$model" int8.tflite --data "$images" --limit 400 --seconds 0.01 --margin 0.05 --layers \
    --report page.html --title 'A <b> & "B"'
out_has "not worse"
grep -q 'A &lt;b&gt; &amp; &quot;B&quot;' page.html || fail "the title is not escaped"
grep -q '<svg' page.html || fail "the report has no chart"
grep -q 'data:image/png;base64,' page.html || fail "the report has no pictures"
grep -qE 'src="http|href=' page.html && fail "the report needs other files"
# With so few samples nothing that small can be shown.
expect 1 "$tmo" compare "$model" int8.tflite --data "$images" --limit 20 --seconds 0.01 --margin 0.0001
expect 0 "$tmo" compare "$model" "$model" --data random:16 --seconds 0.01 --json
json_has 'd["metric"] == "agreement" and d["b"]["value"] == 1'
expect 0 "$tmo" eval int8.tflite --data "$images" --limit 100 --reference "$model" --metric agreement snr mse --json
json_has 'd["value"] > 0.97 and d["metrics"][1]["value"] > 20'
# Threads do not change results.
expect 0 "$tmo" eval int8.tflite --data "$images" --limit 300 --threads 1 --json
cp out one
expect 0 "$tmo" eval int8.tflite --data "$images" --limit 300 --threads 3 --json
cmp -s one out || fail "results depend on the number of threads"
