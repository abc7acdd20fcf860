#!/usr/bin/env python3
"""LiteRT's latency, load time and memory: one line of JSON a model, each measured in a process of its own.

usage: litert_bench.py MODEL... [--threads N] [--seconds S] [--ref]
"""
import argparse
import json
import pathlib
import subprocess
import sys
import time


def resident_kb():
    fields = dict(line.split(":", 1) for line in pathlib.Path("/proc/self/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0])


def noise(detail, rng):
    import numpy as np
    if detail["dtype"] == np.float32:
        return rng.standard_normal(detail["shape"]).astype(np.float32)
    limits = np.iinfo(detail["dtype"])
    return rng.integers(limits.min, limits.max, detail["shape"], detail["dtype"], endpoint=True)


def measure(path, args):
    import numpy as np
    import peer
    resident, start = resident_kb(), time.perf_counter()
    interpreter = peer.open_model(path, args.ref, args.threads)
    interpreter.allocate_tensors()
    rng = np.random.default_rng(0)
    for detail in interpreter.get_input_details():
        interpreter.set_tensor(detail["index"], noise(detail, rng))
    interpreter.invoke()
    first = time.perf_counter() - start
    resident = resident_kb() - resident
    times, end = [], time.perf_counter() + args.seconds
    while len(times) < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        interpreter.invoke()
        times.append((time.perf_counter() - start) * 1e6)
    median, p95, least = (round(float(np.quantile(times, q)), 1) for q in (0.5, 0.95, 0))
    return dict(model=pathlib.Path(path).name, threads=args.threads, median_us=median, p95_us=p95, min_us=least,
                load_first_us=round(first * 1e6), resident_kb=resident, runs=len(times))


def main():
    parser = argparse.ArgumentParser(description="LiteRT's latency, load time and memory.")
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--ref", action="store_true", help="TFLite's reference kernels")
    args = parser.parse_args()
    if len(args.models) == 1:
        print(json.dumps(measure(args.models[0], args)), flush=True)
        return 0
    options = ["--threads", str(args.threads), "--seconds", str(args.seconds)] + ["--ref"] * args.ref
    codes = [subprocess.run([sys.executable, __file__, model, *options]).returncode for model in args.models]
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
