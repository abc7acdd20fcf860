#!/usr/bin/env python3
"""LiteRT's outputs for given inputs: the oracle that other runtimes are compared with.

usage: litert_run.py MODEL IN.npz OUT.npz [--ref]
IN.npz: one array a model input, in input order, with a leading sample axis. OUT.npz: out0, out1, ... with the same axis.
"""
import argparse

import numpy as np

import peer


def main():
    parser = argparse.ArgumentParser(description="LiteRT's outputs for the samples of an .npz file.")
    parser.add_argument("model")
    parser.add_argument("inputs", metavar="IN.npz")
    parser.add_argument("outputs", metavar="OUT.npz")
    parser.add_argument("--ref", action="store_true", help="TFLite's reference kernels")
    args = parser.parse_args()
    outputs = peer.run_samples(peer.open_model(args.model, args.ref), peer.load_samples(args.inputs))
    np.savez(args.outputs, **{f"out{k}": output for k, output in enumerate(outputs)})


if __name__ == "__main__":
    main()
