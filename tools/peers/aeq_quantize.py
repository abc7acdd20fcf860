#!/usr/bin/env python3
"""Quantize a model with LiteRT's quantizer (ai-edge-quantizer); prints time, memory and bytes as one line of JSON.

usage: aeq_quantize.py IN OUT SCHEME [--data CALIBRATION.npz] [--samples N]
SCHEME: static (int8), static16 (int16 activations), dynamic, weights. Static schemes need --data.
Models without a signature, with the deprecated operator code only, or with float16 weights are repaired in memory first.
"""
import argparse
import contextlib
import json
import pathlib
import resource
import sys
import tempfile
import time

from ai_edge_quantizer import quantizer, recipe

import peer

RECIPES = dict(static=recipe.static_wi8_ai8, static16=recipe.static_wi8_ai16, dynamic=recipe.dynamic_wi8_afp32,
               weights=recipe.weight_only_wi8_afp32)


def calibration(path, arrays, count):
    """The samples as ai-edge-quantizer takes them: by signature and input name."""
    interpreter = peer.open_model(path)
    key = next(iter(interpreter.get_signature_list()))
    names = {d["index"]: name for name, d in interpreter.get_signature_runner(key).get_input_details().items()}
    order = [names[d["index"]] for d in interpreter.get_input_details()]
    count = min(count, len(arrays[0]))
    return {key: [dict(zip(order, peer.sample_inputs(interpreter, arrays, k))) for k in range(count)]}


def main():
    parser = argparse.ArgumentParser(description="Quantize a model with ai-edge-quantizer.")
    parser.add_argument("source", metavar="IN", type=pathlib.Path)
    parser.add_argument("target", metavar="OUT", type=pathlib.Path)
    parser.add_argument("scheme", choices=RECIPES)
    parser.add_argument("--data", help=".npz: one array a model input, with a leading sample axis")
    parser.add_argument("--samples", type=int, default=64)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        path = pathlib.Path(folder) / args.source.name
        path.write_bytes(peer.modernized(args.source.read_bytes()))
        start = time.perf_counter()
        tool = quantizer.Quantizer(str(path), RECIPES[args.scheme]())
        result = None
        if tool.need_calibration:
            if not args.data:
                parser.error(f"scheme {args.scheme} needs --data")
            result = tool.calibrate(calibration(path, peer.load_samples(args.data), args.samples))
        calibrated = time.perf_counter()
        tool.quantize(result).export_model(str(args.target), overwrite=True)
        done = time.perf_counter()
    print(json.dumps(dict(model=args.source.stem, scheme=args.scheme, calibrate_s=round(calibrated - start, 2),
                          quantize_s=round(done - calibrated, 2), bytes_in=args.source.stat().st_size,
                          bytes_out=args.target.stat().st_size,
                          peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)))


if __name__ == "__main__":
    main()
