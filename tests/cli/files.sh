# Files that are not there, no files, or no models.
mkdir folder
: > empty.tflite
echo "not a model, just some text" > text.tflite
head -c 1000 $model > cut.tflite
for file in missing.tflite folder empty.tflite text.tflite cut.tflite model.keras model.onnx; do
    tmo inspect $file
    tmo verify $file
done
tmo convert model.keras -o out.tflite
tmo convert model.h5 -o out.tflite
tmo quantize missing.tflite -o out.tflite --scheme float16
tmo run missing.tflite --input x.npy
tmo eval missing.tflite --data $test
tmo eval $model --data idx:missing.gz
tmo eval $model --data npz:folder
tmo eval $model --data nothing:file
tmo eval $model --data images:missing
tmo bench cut.tflite
tmo check text.tflite --target tflm
tmo run $model --input missing.npy
files
