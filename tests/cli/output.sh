# Where a result cannot be written: 5, and nothing is left behind.
tmo quantize $model -o missing/out.tflite --scheme float16
mkdir folder
tmo quantize $model -o folder --scheme float16
tmo convert $model -o folder/none/out.tflite
files
echo old > out.tflite
(ulimit -f 8 && "$TMO" convert $model -o out.tflite > text 2> message)
echo "full disk: $?"
cat out.tflite
rm -f text message
# A folder that may not be written, unless we may everything.
chmod a-w folder
if [ ! -w folder ]; then
    "$TMO" convert $model -o folder/out.tflite 2> /dev/null
    echo "read-only folder: $?"
else
    echo "read-only folder: 5"
fi
chmod u+w folder
ls -A folder
# The output may be the input: the old bytes are read before the new ones are there.
cp $model same.tflite
chmod u+w same.tflite
quietly quantize same.tflite -o same.tflite --scheme float16
quietly verify same.tflite
json inspect same.tflite -- tensors[16].type
if [ -w /dev/full ]; then
    "$TMO" kernels > /dev/full
    echo "full standard output: $?"
fi
tmo run $model --input missing.npy --output out.npz
files
