# float16 and sparse weights back to float32; what is not supported.
quietly quantize $model -o half.tflite --scheme float16
quietly convert half.tflite -o full.tflite --float32
json inspect half.tflite -- operators[0].name
json inspect full.tflite -- operators# operators[0].name weight_bytes
tmo verify full.tflite
record control densify_rows_f32 sparse.tflite
quietly convert sparse.tflite -o dense.tflite --float32
tmo inspect dense.tflite --tensors
json convert half.tflite -o out.tflite --float32 -- input output input_bytes? output_bytes? output_gzip_bytes? seconds? steps?
# Twice clean is the same.
quietly convert $model -o one.tflite
quietly convert one.tflite -o two.tflite
cmp one.tflite two.tflite
json eval full.tflite --data $test --limit 100 --reference $model --metric agreement -- value
files
