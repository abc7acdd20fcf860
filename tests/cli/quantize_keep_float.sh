# Operators left in float, each with its reason.
keep()
{
    json quantize $model -o out.tflite --data $train --samples 8 --keep-float "$@" -- steps[0].quantized_operators \
        steps[0].float_operators# steps[0].float_operators[0].name steps[0].float_operators[0].reason
    quietly verify out.tflite
}
keep SOFTMAX
keep FULLY_CONNECTED SOFTMAX
keep '#0'
keep '#10,#11'
keep 'StatefulPartitionedCall:.*'
keep 'Call[:]0$'
tmo quantize $model -o out.tflite --data $train --samples 8 --keep-float SOFTMAX
tmo inspect out.tflite
cp out.tflite old.tflite
tmo quantize $model -o out.tflite --data $train --samples 8 --keep-float LSTM
tmo quantize $model -o out.tflite --data $train --samples 8 --keep-float '#99'
tmo quantize $model -o out.tflite --data $train --samples 8 --keep-float '(open'
cmp out.tflite old.tflite
