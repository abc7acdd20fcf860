# What the scripts share. They start in an empty folder, where ./data leads to the handwriting model and its images.
ln -s "$SOURCE/data/handwriting" data
model=data/digits.tflite
train=idx:data/train4k-images.idx3-ubyte.gz,data/train4k-labels.idx1-ubyte.gz
test=idx:data/t10k-images.idx3-ubyte.gz,data/t10k-labels.idx1-ubyte.gz

# tmo ARGUMENTS: runs it, with the call itself before both outputs and an exit status other than 0 after standard output.
tmo()
{
    echo "$ tmo $*"
    echo "$ tmo $*" >&2
    "$TMO" "$@"
    last=$?
    [ "$last" = 0 ] || echo "[exit $last]"
    return 0
}

# json ARGUMENTS -- PATH...: runs `tmo ARGUMENTS --json`, whose standard output must be one JSON document, and prints the values at the
# paths, such as operators[0].name; "PATH?" prints the type of the value only, "PATH#" the length of the array.
json()
{
    call=
    while [ "$1" != -- ]; do
        call="$call $1"
        shift
    done
    shift
    echo "$ tmo$call --json"
    echo "$ tmo$call --json" >&2
    # shellcheck disable=SC2086 # no argument here has a space
    "$TMO" $call --json > out.json
    last=$?
    [ "$last" = 0 ] || echo "[exit $last]"
    "$HELPER" json out.json "$@"
    rm -f out.json
}

# quietly ARGUMENTS: prints nothing unless it fails.
quietly()
{
    "$TMO" "$@" > quiet.txt 2>&1
    last=$?
    [ "$last" = 0 ] || { echo "tmo $* [exit $last]"; cat quiet.txt; }
    rm -f quiet.txt
}

# record GROUP NAME FILE: a model of the golden results.
record()
{
    "$HELPER" record "$SOURCE/tests/goldens/$1.tmog.gz" "$2" "$3"
}

# npy FILE TYPE SHAPE BYTES...: a NumPy file; TYPE and SHAPE as in its header, BYTES in octal escapes for printf.
npy()
{
    npy_file=$1 npy_header="{'descr': '$2', 'fortran_order': False, 'shape': ($3), }"
    shift 3
    # shellcheck disable=SC2059 # the escapes are the point
    {
        printf '\223NUMPY\001\000\166\000%-117s\n' "$npy_header"
        printf "$*"
    } > "$npy_file"
}

# repeat COUNT TEXT
repeat()
{
    repeat_left=$1
    while [ "$repeat_left" -gt 0 ]; do
        printf %s "$2"
        repeat_left=$((repeat_left - 1))
    done
}

# files: what is in the folder but for the data, hidden names too.
files()
{
    echo "files: $(ls -A | grep -v '^data$' | tr '\n' ' ')"
}

# patch FILE OFFSET BYTES: writes bytes, in octal escapes, over what is there.
patch()
{
    # shellcheck disable=SC2059 # the escapes are the point
    printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2> /dev/null
}
