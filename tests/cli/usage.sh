# Help, version, and what is wrong with a command line.
expect 0 "$tmo" --version
out_has "tmo "
expect 0 "$tmo" --help
for command in inspect verify convert quantize run eval compare bench check kernels; do
    grep -q "^  $command " out || fail "the help lacks $command"
done
for command in inspect verify convert quantize run eval compare bench check kernels; do
    expect 0 "$tmo" $command --help
    out_has "usage: tmo $command"
    out_has "exit status"
done
expect 0 "$tmo" quantize --help
out_has "(1 to 1073741824; default 128)"
expect 2 "$tmo"
expect 2 "$tmo" quantise
error_has "tmo: unknown command 'quantise', did you mean 'quantize'?"
expect 2 "$tmo" quantize model.tflite --shceme int8
error_has "tmo quantize: unknown option '--shceme', did you mean '--scheme'?"
expect 2 "$tmo" quantize model.tflite --scheme int7 -o out.tflite
error_has "scheme must be one of int8|int16x8|dynamic|float16|weights, got 'int7'"
expect 2 "$tmo" quantize model.tflite --samples 1.5 -o out.tflite
error_has "got '1.5'"
expect 2 "$tmo" bench model.tflite --threads 0x4
expect 2 "$tmo" bench model.tflite --threads 5000
error_has "[1, 1024]"
expect 2 "$tmo" inspect
error_has "usage: tmo inspect MODEL"
expect 2 "$tmo" inspect a b
error_has "unexpected argument 'b'"
expect 2 "$tmo" quantize "$data/digits.tflite"
error_has "-o OUT is needed"
expect 2 "$tmo" eval "$data/digits.tflite"
error_has "--data is needed"
expect 2 "$tmo" bench "$data/digits.tflite" --isa pentium
error_has "pentium"
