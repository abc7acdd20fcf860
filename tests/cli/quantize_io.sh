# Types of inputs and outputs.
for io in float int8 uint8 integer; do
    quietly quantize $model -o out.tflite --io $io --data $train --samples 8
    echo "--io $io"
    json inspect out.tflite -- tensors[0].type
    quietly eval out.tflite --data $test --limit 50
done
quietly quantize $model -o out.tflite --scheme int16x8 --io int16 --data $train --samples 8
json inspect out.tflite -- tensors[0].type
quietly eval out.tflite --data $test --limit 50
