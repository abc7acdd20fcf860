# --quiet leaves nothing on standard error, --json nothing but the document on standard output; both may stand together.
for call in "inspect $model" "verify $model" "quantize $model -o out.tflite --data $train --samples 10" "convert $model -o out.tflite" \
    "eval $model --data $test --limit 20" "bench $model --seconds 0.02" "check $model" kernels; do
    "$TMO" $call --quiet > out.txt || echo "$call: exit $?"
    [ -s out.txt ] || echo "$call: no result"
    json $call --quiet --
done
