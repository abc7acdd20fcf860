# Missing, broken and foreign files, and what cannot be written.
expect 5 "$tmo" inspect missing.tflite
error_has "tmo inspect: cannot open 'missing.tflite'"
out_empty
expect 5 "$tmo" verify missing.tflite
expect 4 "$tmo" convert model.onnx -o out.tflite
error_has ".onnx models are not supported by this version"
expect 4 "$tmo" convert model.keras -o out.tflite
expect 4 "$tmo" convert model.h5 -o out.tflite
head -c 5000 "$data/digits.tflite" >cut.tflite
expect 3 "$tmo" inspect cut.tflite
error_has "cut.tflite"
expect 3 "$tmo" verify cut.tflite
out_has "cut.tflite: byte"
expect 3 "$tmo" verify --json cut.tflite
json_has 'd["valid"] is False and d["faults"][0]["offset"] >= 0'
: >empty.tflite
expect 3 "$tmo" inspect empty.tflite
expect 5 "$tmo" eval "$data/digits.tflite" --data npz:missing.npz
error_has "missing.npz"
expect 2 "$tmo" eval "$data/digits.tflite" --data nonsense:3
expect 3 "$tmo" eval "$data/digits.tflite" --data random:4
error_has "reference model is needed"
expect 5 "$tmo" convert "$data/digits.tflite" -o missing/out.tflite
error_has "missing/out.tflite"

# A write that fails half way leaves the old file and no temporary one.
echo old >out.tflite
(ulimit -f 64; exec "$tmo" convert "$data/digits.tflite" -o out.tflite) >out 2>err
[ $? -eq 5 ] || fail "a full disk must end with 5: $(cat err)"
[ "$(cat out.tflite)" = old ] || fail "the old file is gone"
no_temporaries
if [ -w /dev/full ]; then
    "$tmo" kernels >/dev/full 2>err
    [ $? -eq 5 ] || fail "standard output that cannot be written must end with 5"
fi
