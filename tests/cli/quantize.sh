# Quantizing, the gate, and that a refusal writes nothing.
model=$data/digits.tflite
for scheme in int8 int16x8 dynamic float16 weights; do
    expect 0 "$tmo" quantize "$model" -o $scheme.tflite --scheme $scheme --data "$train" --samples 32
    expect 0 "$tmo" verify $scheme.tflite
    expect 0 "$tmo" eval $scheme.tflite --data "$images" --limit 300 --json
    json_has 'd["value"] > 0.97'
done
expect 3 "$tmo" quantize "$model" -o none.tflite --scheme int8
[ ! -e none.tflite ] || fail "a file was written without samples"

expect 0 "$tmo" quantize "$model" -o good.tflite --data "$train" --limit 200 --max-drop 5%
out_has "accuracy:"
echo old >kept.tflite
# One scale for each weight tensor of 4 bits ruins the model.
expect 1 "$tmo" quantize "$model" -o kept.tflite --scheme weights --weight-bits 4 --per-tensor --min-weight-elements 1 \
    --data "$train" --limit 200 --max-drop 0.0001
error_has "'kept.tflite' not written: accuracy falls"
[ "$(cat kept.tflite)" = old ] || fail "the gate did not keep the old file"
expect 2 "$tmo" quantize "$model" -o x.tflite --max-drop 0.1 --scheme float16
error_has "--max-drop needs --data"
expect 2 "$tmo" quantize "$model" -o x.tflite --max-drop tiny --data "$train"

expect 0 "$tmo" quantize "$model" -o io.tflite --io int8 --data "$train" --samples 8
expect 0 "$tmo" inspect io.tflite
out_has "int8 -1x28x28x1"
expect 2 "$tmo" quantize "$model" -o io.tflite --io int16 --data "$train"
expect 0 "$tmo" quantize "$model" -o kept.tflite --keep-float SOFTMAX --data "$train" --samples 8
out_has "SOFTMAX"
expect 0 "$tmo" inspect kept.tflite
out_has "operators in float beside integer ones:"
expect 2 "$tmo" quantize "$model" -o kept.tflite --keep-float NO_SUCH --data "$train" --samples 8
error_has "NO_SUCH"
no_temporaries
