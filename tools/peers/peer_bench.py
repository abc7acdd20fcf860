#!/usr/bin/env python3
"""Latency, load time and memory of a peer's runtime.

usage: peer_bench.py [--engine litert|openvino|onnxruntime] MODEL... [--threads N] [--seconds S] [--ref]
       peer_bench.py [--engine ...] MODEL --serve [--threads N]

Without --serve it prints one line of JSON a model, each measured in a process of its own. With --serve it loads the model, prints
the line of the load and the first inference, and then, for each line "SECONDS" on standard input, one with the latency.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import time

import numpy as np


def resident_kb():
    fields = dict(line.split(":", 1) for line in pathlib.Path("/proc/self/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0])


def noise(shape, dtype):
    """Floats in [-1, 1], small integers over their whole range, 0 where it may be an index."""
    rng = np.random.default_rng(0)
    if np.issubdtype(dtype, np.floating):
        return rng.uniform(-1, 1, shape).astype(dtype)
    if np.dtype(dtype).itemsize <= 2 and dtype != np.bool_:
        limits = np.iinfo(dtype)
        return rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    return np.zeros(shape, dtype)


def known(shape):
    return [size if isinstance(size, int) and size > 0 else 1 for size in shape]


# Each engine: import_it() before the memory is read; load() gives a function that runs once.

class LiteRT:
    @staticmethod
    def import_it():
        from ai_edge_litert import interpreter
        LiteRT.module = interpreter

    @staticmethod
    def load(path, threads, ref):
        resolver = LiteRT.module.OpResolverType
        interpreter = LiteRT.module.Interpreter(
            model_path=path, num_threads=threads,
            experimental_op_resolver_type=resolver.BUILTIN_REF if ref else resolver.AUTO)
        interpreter.allocate_tensors()
        for detail in interpreter.get_input_details():
            interpreter.set_tensor(detail["index"], noise(detail["shape"], detail["dtype"]))
        return interpreter.invoke


class OpenVINO:
    @staticmethod
    def import_it():
        import openvino
        OpenVINO.module = openvino

    @staticmethod
    def load(path, threads, _ref):
        core = OpenVINO.module.Core()
        model = core.read_model(path)
        if model.is_dynamic():
            model.reshape({port: known([d.get_length() if d.is_static else 1 for d in port.partial_shape])
                           for port in model.inputs})
        settings = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY",
                    "INFERENCE_PRECISION_HINT": "f32"}
        request = core.compile_model(model, "CPU", settings).create_infer_request()
        for number, port in enumerate(model.inputs):
            array = noise(list(port.shape), port.element_type.to_dtype())
            request.set_input_tensor(number, OpenVINO.module.Tensor(array))
        return request.infer


class OnnxRuntime:
    @staticmethod
    def import_it():
        import onnxruntime
        OnnxRuntime.module = onnxruntime

    @staticmethod
    def load(path, threads, _ref):
        options = OnnxRuntime.module.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        session = OnnxRuntime.module.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        types = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(uint8)": np.uint8}
        inputs = {port.name: noise(known(port.shape), types[port.type]) for port in session.get_inputs()}
        return lambda: session.run(None, inputs)


ENGINES = {"litert": LiteRT, "openvino": OpenVINO, "onnxruntime": OnnxRuntime}


def start(path, args):
    """The function that runs once, and what loading and the first run took."""
    engine = ENGINES[args.engine]
    engine.import_it()
    noise([1], np.float32)
    resident, begin = resident_kb(), time.perf_counter()
    run = engine.load(path, args.threads, args.ref)
    run()
    return run, dict(load_first_us=round((time.perf_counter() - begin) * 1e6), resident_kb=resident_kb() - resident)


def latency(run, seconds):
    times, end = [], time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        begin = time.perf_counter()
        run()
        times.append((time.perf_counter() - begin) * 1e6)
    median, p95, least = (round(float(np.quantile(times, q)), 1) for q in (0.5, 0.95, 0))
    return dict(median_us=median, p95_us=p95, min_us=least, runs=len(times))


def answer(line):
    print(json.dumps(line), flush=True)


def serve(path, args):
    run, first = start(path, args)
    answer(first)
    for line in sys.stdin:
        answer(latency(run, float(line)))


def main():
    parser = argparse.ArgumentParser(description="Latency, load time and memory of a peer's runtime.")
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--engine", choices=ENGINES, default="litert")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--ref", action="store_true", help="LiteRT: TFLite's reference kernels")
    parser.add_argument("--serve", action="store_true", help="measure whenever asked to, until the input ends")
    args = parser.parse_args()
    if args.serve:
        serve(args.models[0], args)
        return 0
    if len(args.models) == 1:
        run, first = start(args.models[0], args)
        name = pathlib.Path(args.models[0]).name
        answer(dict(model=name, threads=args.threads) | latency(run, args.seconds) | first)
        return 0
    options = ["--engine", args.engine, "--threads", str(args.threads), "--seconds", str(args.seconds)] + ["--ref"] * args.ref
    codes = [subprocess.run([sys.executable, __file__, model, *options]).returncode for model in args.models]
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
