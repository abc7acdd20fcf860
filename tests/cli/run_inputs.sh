# One inference from every kind of file gives the same answer.
"$HELPER" digit data/t10k-images.idx3-ubyte.gz 0 seven.raw
"$HELPER" digit data/t10k-images.idx3-ubyte.gz 0 seven.png
"$HELPER" digit data/t10k-images.idx3-ubyte.gz 1 two.raw
{ printf '\223NUMPY\001\000\166\000%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 28, 28, 1), }"; cat seven.raw; } > seven.npy
repeat 10 'digit ' | tr ' ' '\n' | awk '{print $0 NR - 1}' > labels.txt
for file in seven.raw seven.npy seven.png two.raw; do
    json run $model --input $file -- outputs# outputs[0].name outputs[0].type outputs[0].shape outputs[0].values# outputs[0].top[0].index
done
tmo run $model --input seven.png --labels labels.txt
tmo run $model -i seven.raw
tmo run $model --input seven.npy --output out.npz --quiet
quietly run $model --input two.raw --output two.npz
json eval $model --data npy:seven.npy --reference $model --metric agreement -- value samples
npy small.npy '<f4' '1, 3, 3, 1' "$(repeat 9 '\000\000\000\077')"
head -c 100 seven.raw > short.raw
tmo run $model --input small.npy
tmo run $model --input short.raw
tmo run $model --input seven.raw two.raw
tmo run $model --input labels.txt
tmo run $model --input seven.raw --labels missing.txt
tmo run $model --input seven.raw --signature nobody
tmo run $model --input seven.raw --output missing/out.npz
files
# An integer model takes and gives what its float one does.
quietly quantize $model -o int8.tflite --io int8 --data $train --samples 20
json run int8.tflite --input seven.npy -- outputs[0].type outputs[0].top[0].index
