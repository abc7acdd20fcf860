# What is wrong with a command line: exit status 2, one line, the nearest name.
tmo quantise
tmo xyzzyplugh
tmo --verbose
tmo inspect
tmo inspect $model other.tflite
tmo inspect $model --tensor
tmo inspect $model --ops=yes
tmo inspect $model -z
tmo inspect $model --frobnicate-everything
tmo verify
tmo convert $model
tmo convert $model -o
tmo quantize $model
tmo quantize $model -o out.tflite --scheme int7
tmo quantize $model -o out.tflite --shceme int8
tmo quantize $model -o out.tflite --range middle
tmo quantize $model -o out.tflite --samples -3
tmo quantize $model -o out.tflite --samples many
tmo quantize $model -o out.tflite --percentile 120
tmo quantize $model -o out.tflite --weight-bits 5 --scheme weights
tmo quantize $model -o out.tflite --io int16 --data $train
tmo quantize $model -o out.tflite --io int8 --scheme int16x8 --data $train
tmo quantize $model -o out.tflite --max-drop half --data $train
tmo quantize $model -o out.tflite --max-drop 0.1
tmo quantize $model -o out.tflite --keep-float --data $train
tmo run $model
tmo run $model --input
tmo eval $model
tmo eval $model --data $test --metric beauty
tmo bench $model --threads 2000
tmo bench $model --isa pentium
tmo check $model --target toaster
tmo check $model --target
tmo kernels extra
files
