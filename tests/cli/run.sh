# One inference: raw bytes, .npy and .npz in, .npz out.
model=$data/digits.tflite
python3 - "$data" <<'PY'
import gzip, struct, sys
pixels = gzip.open(sys.argv[1] + "/t10k-images.idx3-ubyte.gz").read()[16:16 + 784]
values = struct.pack("<784f", *[p / 255 for p in pixels])
def npy(shape):
    head = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }" % (shape,)
    head += " " * (63 - (10 + len(head)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + values
open("x.raw", "wb").write(values)
open("x.npy", "wb").write(npy((1, 28, 28, 1)))
open("flat.npy", "wb").write(npy((784,)))
open("bad.npy", "wb").write(npy((784,))[:-8])
open("labels.txt", "w").write("\n".join("digit-%d" % k for k in range(10)) + "\n")
PY
expect 0 "$tmo" run "$model" --input x.raw --labels labels.txt
out_has "digit-7"
for input in x.npy flat.npy; do
    expect 0 "$tmo" run "$model" --input $input --json
    json_has 'd["outputs"][0]["top"][0]["index"] == 7 and abs(sum(d["outputs"][0]["values"]) - 1) < 1e-3'
done
expect 0 "$tmo" run "$model" --input x.npy --output y.npz
[ -s y.npz ] || fail "no output file"
expect 3 "$tmo" run "$model" --input labels.txt
error_has "labels.txt"
expect 3 "$tmo" run "$model" --input bad.npy
expect 5 "$tmo" run "$model" --input missing.npy
error_has "missing.npy"
expect 2 "$tmo" run "$model" --input x.npy x.npy
error_has "the model has 1 input, --input gives 2 files"
expect 2 "$tmo" run "$model"
expect 2 "$tmo" run "$model" --input x.npy --signature nonsense
