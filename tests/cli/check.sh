# Whether a target runs a model: 0 all of it, 1 not or not fully.
quietly quantize $model -o int8.tflite --io int8 --data $train --samples 10
for target in litert tflm edgetpu ethos-u ethos-u85 android ios; do
    for file in $model int8.tflite; do
        json check $file --target $target -- target runs runs_fully operators accelerated findings?
    done
done
tmo check int8.tflite
tmo check int8.tflite --target edgetpu
tmo check $model --target ethos-u
