# Calibration data that cannot be used: nothing is written.
pixels=$(repeat 784 '\000\000\000\077')
npy none.npy '<f4' '0, 28, 28, 1' ''
npy small.npy '<f4' '1, 3, 3, 1' "$(repeat 9 '\000\000\000\077')"
npy good.npy '<f4' '1, 28, 28, 1' "$pixels"
npy nan.npy '<f4' '1, 28, 28, 1' "$(repeat 783 '\000\000\000\077')"'\000\000\300\177'
npy inf.npy '<f4' '1, 28, 28, 1' "$(repeat 783 '\000\000\000\077')"'\000\000\200\177'
head -c 200 good.npy > cut.npy
head -c 50 good.npy > header.npy
for file in none small nan inf cut header missing; do
    tmo quantize $model -o out.tflite --data npy:$file.npy
done
tmo quantize $model -o out.tflite --data $train --split 5:5
tmo quantize $model -o out.tflite --data $train --split 1:x
tmo quantize $model -o out.tflite --data $train --scale fast
tmo quantize $model -o out.tflite --data idx:data/t10k-labels.idx1-ubyte.gz
files
quietly quantize $model -o out.tflite --data npy:good.npy
files
