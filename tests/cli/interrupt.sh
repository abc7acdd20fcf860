# Ctrl-C ends cleanly, with 130, and leaves the old file.
model=$data/digits.tflite
echo old >kept.tflite
"$tmo" bench "$model" --seconds 60 >out 2>err &
process=$!
sleep 1
kill -TERM $process
wait $process
[ $? -eq 130 ] || fail "an interrupted command must end with 130: $(cat err)"
error_has "tmo bench: interrupted"
"$tmo" quantize "$model" -o kept.tflite --data random:1000000 --samples 1000000 >out 2>err &
process=$!
sleep 1
kill -TERM $process
wait $process
[ $? -eq 130 ] || fail "an interrupted command must end with 130: $(cat err)"
[ "$(cat kept.tflite)" = old ] || fail "the old file is gone"
no_temporaries
