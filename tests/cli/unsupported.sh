# A valid model with an operator that the runtime does not have: it can be looked at and checked, not run.
cp $model bad.tflite && chmod u+w bad.tflite
# The SOFTMAX of the operator codes becomes CONCAT_EMBEDDINGS, in the old field and in the new one.
patch bad.tflite 736311 '\035'
patch bad.tflite 736304 '\035'
quietly verify bad.tflite
"$TMO" inspect bad.tflite --ops | tail -n 1
tmo bench bad.tflite --seconds 0.01
tmo eval bad.tflite --data $test --limit 10
tmo quantize bad.tflite -o out.tflite --data $train --samples 5
"$HELPER" digit data/t10k-images.idx3-ubyte.gz 0 seven.raw
tmo run bad.tflite --input seven.raw
# Weights alone need no run.
quietly quantize bad.tflite -o half.tflite --scheme float16
files
