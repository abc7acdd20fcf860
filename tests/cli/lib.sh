# What the cases share. Each case runs in an empty folder of its own; $tmo is the program, $data the handwriting data.
set -u
train=idx:$data/train4k-images.idx3-ubyte.gz,$data/train4k-labels.idx1-ubyte.gz
images=idx:$data/t10k-images.idx3-ubyte.gz,$data/t10k-labels.idx1-ubyte.gz
failures=0

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}

# expect STATUS COMMAND…: runs it; its output is in the files out and err.
expect() {
    wanted=$1
    shift
    "$@" >out 2>err
    got=$?
    [ $got -eq "$wanted" ] || fail "exit status $got, not $wanted: $* ($(cat err))"
}

# The last command wrote exactly one line to standard error, with this text in it.
error_has() {
    [ "$(wc -l <err)" -eq 1 ] || fail "standard error is not one line: $(cat err)"
    grep -qF -- "$1" err || fail "standard error lacks '$1': $(cat err)"
}

out_has() {
    grep -qF -- "$1" out || fail "standard output lacks '$1': $(cat out)"
}

out_empty() {
    [ ! -s out ] || fail "standard output is not empty: $(cat out)"
}

# The last command wrote one JSON document for which the Python expression on `d` holds.
json_has() {
    python3 -c 'import json, sys
d = json.load(open("out"))
sys.exit(0 if eval(sys.argv[1]) else 1)' "$1" || fail "JSON: $1 does not hold"
}

no_temporaries() {
    [ -z "$(find . -name '*.tmp-*')" ] || fail "temporary files are left: $(find . -name '*.tmp-*')"
}
