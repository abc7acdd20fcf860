# Each scheme gives a valid, smaller model that still reads digits.
for scheme in int8 int16x8 dynamic float16 weights; do
    json quantize $model -o $scheme.tflite --scheme $scheme --data $train --samples 20 -- input output input_bytes output_bytes? \
        output_gzip_bytes? seconds? steps# steps[0].step steps[0].scheme steps[0].operators? steps[0].float_operators?
    quietly verify $scheme.tflite
    [ $(($(wc -c < $scheme.tflite) * 10)) -lt $(($(wc -c < $model) * 6)) ] || echo "$scheme is not small"
    json eval $scheme.tflite --data $test --limit 200 --reference $model --metric agreement -- value samples
done
for range in percentile minmax moving-average mse entropy; do
    quietly quantize $model -o out.tflite --range $range --data $train --samples 10
done
quietly quantize $model -o out.tflite --scheme weights --weight-bits 4 --block-size 32
quietly verify out.tflite
quietly quantize $model -o out.tflite --per-tensor --equalize off --bias-correction off --data $train --samples 10
tmo quantize $model -o out.tflite --scheme int8
# The same seed gives the same bytes with any number of threads; without samples none are needed.
quietly quantize $model -o one.tflite --data $train --samples 10 --threads 1
quietly quantize $model -o two.tflite --data $train --samples 10 --threads 3
cmp one.tflite two.tflite
tmo quantize $model -o one.tflite --data $train --samples 10
tmo quantize $model -o one.tflite --scheme dynamic
tmo quantize one.tflite -o two.tflite --scheme int8 --data $train --samples 10
files
