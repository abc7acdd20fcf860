# Faults come with their byte offset, all of them in one go.
tmo verify $model
cp $model bad.tflite && chmod u+w bad.tflite
patch bad.tflite 4 'TFL9'
tmo verify bad.tflite
cp $model bad.tflite && chmod u+w bad.tflite
patch bad.tflite 0 '\377\377\377\177'
tmo verify bad.tflite
for size in 8 20 100 5000 700000; do
    head -c $size $model > cut.tflite
    tmo verify cut.tflite
    tmo inspect cut.tflite
done
# Wherever a byte is broken, the answer is 0 or 3 and the same as that of loading.
cp $model bad.tflite && chmod u+w bad.tflite
at=4
while [ $at -lt 736372 ]; do
    cp $model bad.tflite && chmod u+w bad.tflite
    patch bad.tflite $at '\377\377\377\377'
    "$TMO" verify bad.tflite > out.txt 2> err.txt
    verdict=$?
    "$TMO" inspect bad.tflite > /dev/null 2>> err.txt
    loaded=$?
    case $verdict in 0 | 3) ;; *) echo "byte $at: verify says $verdict"; cat out.txt err.txt ;; esac
    case $loaded in 0 | 3 | 4) ;; *) echo "byte $at: inspect says $loaded"; cat err.txt ;; esac
    at=$((at + 9973))
done
json verify $model -- valid faults
head -c 5000 $model > cut.tflite
json verify cut.tflite -- valid faults#
rm -f out.txt err.txt bad.tflite cut.tflite
