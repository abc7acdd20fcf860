#!/usr/bin/env python3
"""Signal-to-noise ratio of quantized models against the float one, in dB per output, all run by LiteRT.

usage: snr.py MODEL_FLOAT MODEL... --data TEST.npz [--ref]
Prints one line of JSON a model. 10*log10(signal power / error power) over all samples; null where the outputs are equal.
Outputs are matched by position.
"""
import argparse
import json
import pathlib

import numpy as np

import peer


def snr_db(wanted, got):
    signal, error = (np.sum(np.square(x, dtype=np.float64)) for x in (wanted, got.reshape(wanted.shape) - wanted))
    return round(float(10 * np.log10(signal / error)), 2) if error else None


def main():
    parser = argparse.ArgumentParser(description="Signal-to-noise ratio of quantized models against the float one.")
    parser.add_argument("reference", metavar="MODEL_FLOAT")
    parser.add_argument("models", metavar="MODEL", nargs="+")
    parser.add_argument("--data", required=True, help=".npz: one array a model input, with a leading sample axis")
    parser.add_argument("--ref", action="store_true", help="TFLite's reference kernels for the quantized models")
    args = parser.parse_args()
    samples = peer.load_samples(args.data)
    wanted = peer.run_samples(peer.open_model(args.reference), samples)
    for model in args.models:
        got = peer.run_samples(peer.open_model(model, args.ref), samples, real=True)
        print(json.dumps(dict(model=pathlib.Path(model).name, snr_db=[snr_db(*pair) for pair in zip(wanted, got)])), flush=True)


if __name__ == "__main__":
    main()
