# The gate on quality: 1 and the old file, or a file and the numbers.
echo old > out.tflite
tmo quantize $model -o out.tflite --scheme weights --weight-bits 4 --per-tensor --min-weight-elements 1 --weight-range minmax \
    --gate-data $test --limit 200 --max-drop 0
cat out.tflite
tmo quantize $model -o out.tflite --data $train --samples 20 --limit 200 --max-drop 5%
json quantize $model -o out.tflite --data $train --samples 20 --limit 200 --max-drop 0.05 -- quality.metric quality.before? \
    quality.after? quality.drop?
# Without labels: agreement with the model given.
json quantize $model -o out.tflite --data idx:data/train4k-images.idx3-ubyte.gz --limit 50 --max-drop 0.1 -- quality.metric \
    quality.before quality.after?
files
