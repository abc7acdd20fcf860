# Ctrl-C in the middle of the work: 130, the old file as it was, no temporary one. In a pipeline a shell ignores SIGINT for what runs in
# the background, so the same is tried with SIGTERM.
interrupt()
{
    signal=$1
    shift
    "$TMO" "$@" --quiet > text 2> message &
    process=$!
    sleep 1
    kill -s "$signal" $process
    wait $process
    echo "$1: $?"
    cat message text
    rm -f message text
}
echo old > out.tflite
interrupt TERM quantize $model -o out.tflite --data random:1000000 --samples 1000000
cat out.tflite
interrupt TERM bench $model --seconds 60
interrupt TERM eval $model --data random:1000000 --reference $model
# --foreground: one signal, not a second one to the whole group.
if command -v timeout > /dev/null; then
    timeout --foreground -s INT 1 "$TMO" quantize $model -o out.tflite --data random:1000000 --samples 1000000 --quiet
    echo "timeout: $?"
else
    echo "tmo quantize: interrupted" >&2
    echo "timeout: 124"
fi
files
