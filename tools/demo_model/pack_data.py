#!/usr/bin/env python3
"""Pack the MNIST subset of the handwriting demo: every test image and the first training images, as gzipped IDX files.

usage: pack_data.py MNIST_DIR OUT_DIR     (MNIST_DIR: the four files that `tools/get_models mnist` fetches)

The result depends on the input only (no time stamp), so it can be checked against the sums in data/handwriting/README.md.
"""
import gzip
import pathlib
import struct
import sys

TRAIN_COUNT = 4000


def head(data, count):
    """The first `count` items of an IDX file of bytes, under a header that says so."""
    rank = data[3]
    dims = struct.unpack(f">{rank}I", data[4:4 + 4 * rank])
    item = 1
    for dim in dims[1:]:
        item *= dim
    start = 4 + 4 * rank
    if data[:3] != b"\0\0\x08" or count > dims[0] or len(data) != start + dims[0] * item:
        raise ValueError("not an IDX file of bytes with enough items")
    return data[:4] + struct.pack(f">{rank}I", count, *dims[1:]) + data[start:start + count * item]


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: pack_data.py MNIST_DIR OUT_DIR")
    source, target = map(pathlib.Path, sys.argv[1:])
    for kind in ("images-idx3", "labels-idx1"):
        for name, out, count in (("t10k", "t10k", 10000), ("train", f"train{TRAIN_COUNT // 1000}k", TRAIN_COUNT)):
            data = head((source / f"{name}-{kind}-ubyte").read_bytes(), count)
            (target / f"{out}-{kind.replace('-', '.')}-ubyte.gz").write_bytes(gzip.compress(data, 9, mtime=0))


if __name__ == "__main__":
    main()
