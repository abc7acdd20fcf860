#!/usr/bin/env python3
"""tmo beside LiteRT and its quantizer, on real models; prints tables, writes them to WORK, exits 1 when a claim fails.

usage: test_peers.py --tmo TMO --models DIR --samples DIR --work DIR [--only TEXT]

Claims held:
  round trip   a file that tmo read and wrote gives LiteRT's results to the bit
  runtime      tmo gives LiteRT's reference results: integers to the bit, floats within 1e-5 of the largest
  schemes      int8, int16x8, dynamic and float16 files of tmo load and run in LiteRT; int8 files have no float operator but
               QUANTIZE and DEQUANTIZE at the ends
  int8         closer to the float model than ai-edge-quantizer's file from the same samples; not slower to make; palm_detection
               in at most a quarter of the memory
"""
import argparse
import json
import pathlib
import subprocess
import sys

import numpy as np

import peer
from snr import snr_db

QUANTIZED = ("palm_detection", "face_landmark", "iris_landmark", "face_detection_short_range", "ssd_mobilenetv2",
             "speech_embedding", "selfie_segmentation")
HERE = pathlib.Path(__file__).resolve().parent


class Failures(list):
    def note(self, claim, model, text):
        self.append((claim, model, text))
        print(f"FAIL {claim} {model}: {text}", flush=True)


def tmo(args, *words):
    done = subprocess.run([args.tmo, *map(str, words)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}")
    return done.stdout


def random_inputs(path, seed=1):
    """One sample for any model: unknown dimensions become 1, or what the model can use."""
    rng = np.random.default_rng(seed)
    inputs = []
    for detail in peer.open_model(path).get_input_details():
        shape = [d if d > 0 else 1 for d in detail["shape_signature"]]
        if "melspectrogram" in str(path):
            shape = [1, 1760]
        if np.issubdtype(detail["dtype"], np.floating):
            inputs.append(rng.uniform(-1, 1, shape).astype(detail["dtype"]))
        elif detail["dtype"] == np.bool_:
            inputs.append(rng.integers(0, 2, shape).astype(bool))
        else:
            limits = np.iinfo(detail["dtype"])
            inputs.append(rng.integers(limits.min, limits.max, shape, endpoint=True).astype(detail["dtype"]))
    return inputs


def differences(wanted, got):
    """The largest difference of each output, relative to the output's largest value; 0 for equal bits."""
    out = []
    for a, b in zip(wanted, got, strict=True):
        if a.shape != b.shape or a.dtype != b.dtype:
            return [float("inf")]
        if np.array_equal(a, b):
            out.append(0.0)
        elif np.issubdtype(a.dtype, np.floating):
            out.append(float(np.max(np.abs(a - b)) / max(np.max(np.abs(a)), 1e-30)))
        else:
            out.append(float("inf"))
    return out


def check_round_trip(args, path, failures):
    copy = args.work / f"{path.stem}.copy.tflite"
    try:
        tmo(args, "convert", path, "-o", copy)
        inputs = random_inputs(path)
        worst = max(differences(peer.run(peer.open_model(path, ref=True), inputs), peer.run(peer.open_model(copy, ref=True), inputs)))
        if worst:
            failures.note("round trip", path.stem, f"outputs differ by {worst:g}")
    except (RuntimeError, ValueError) as error:
        failures.note("round trip", path.stem, str(error)[:200])


def check_runtime(args, path, failures):
    inputs = random_inputs(path)
    names = []
    for k, array in enumerate(inputs):
        names.append(args.work / f"{path.stem}.in{k}.npy")
        np.save(names[-1], array)
    output = args.work / f"{path.stem}.out.npz"
    try:
        wanted = peer.run(peer.open_model(path, ref=True), inputs)
        flags = [word for name in names for word in ("--input", name)]
        tmo(args, "run", path, *flags, "--output", output, "--arithmetic", "reference")
        with np.load(output) as data:
            got = [data[name] for name in data.files]
        worst = max(differences(wanted, got))
        if worst > 1e-5:
            failures.note("runtime", path.stem, f"outputs differ by {worst:g}")
        return worst
    except (RuntimeError, ValueError) as error:
        failures.note("runtime", path.stem, str(error)[:200])
    return None


def float_operators(args, path):
    report = json.loads(tmo(args, "inspect", path, "--json"))
    return [o for o in report["float_operators"] if o.get("name") not in ("QUANTIZE", "DEQUANTIZE")]


def timed(words):
    """Seconds and peak MB of a whole process."""
    done = subprocess.run([sys.executable, "-S", str(HERE / "measure.py"), *words], capture_output=True, text=True)
    report = json.loads(done.stdout)
    if report["status"]:
        raise RuntimeError((done.stderr.strip().splitlines() or [f"{words[0]} failed"])[-1])
    return report["seconds"], report["peak_mb"]


def check_schemes(args, name, failures):
    path = args.models / f"{name}.tflite"
    data = args.samples / f"{name}.npz"
    test = peer.load_samples(args.samples / f"{name}_test.npz")
    wanted = peer.run_samples(peer.open_model(path), test)
    row = dict(model=name, bytes=path.stat().st_size)
    for scheme in ("int8", "int16x8", "dynamic", "float16"):
        out = args.work / f"{name}.{scheme}.tflite"
        try:
            seconds, peak = timed([args.tmo, "quantize", str(path), "-o", str(out), "--scheme", scheme, "--quiet",
                                      *(["--data", f"npz:{data}", "--samples", "64", "--scale", "1"] if scheme.startswith("int") else [])])
            got = peer.run_samples(peer.open_model(out), test, real=True)
        except (RuntimeError, ValueError) as error:
            failures.note("schemes", f"{name} {scheme}", str(error)[:200])
            continue
        row[scheme] = dict(bytes=out.stat().st_size, seconds=round(seconds, 2), peak_mb=round(peak, 1),
                           snr_db=[snr_db(*pair) for pair in zip(wanted, got)])
    for scheme in ("int8", "int16x8"):
        out = args.work / f"{name}.{scheme}.tflite"
        if scheme in row and check_runtime(args, out, failures) not in (0.0, None) and scheme == "int8":
            failures.note("runtime", out.stem, "integer results are not LiteRT's to the bit")
    if "int8" in row:
        left = float_operators(args, args.work / f"{name}.int8.tflite")
        if left:
            failures.note("schemes", name, f"float operators left: {left[:3]}")
        compare_with_aeq(args, name, path, data, test, wanted, row, failures)
        row["npu"] = on_npu(args.work / f"{name}.int8.tflite")
    return row


def compare_with_aeq(args, name, path, data, test, wanted, row, failures):
    theirs = args.work / f"{name}.aeq.tflite"
    seconds, peak = timed([sys.executable, str(HERE / "aeq_quantize.py"), str(path), str(theirs), "static", "--data", str(data)])
    got = peer.run_samples(peer.open_model(theirs), test, real=True)
    row["aeq"] = dict(bytes=theirs.stat().st_size, seconds=round(seconds, 2), peak_mb=round(peak, 1),
                      snr_db=[snr_db(*pair) for pair in zip(wanted, got)])
    ours = row["int8"]
    for k, (mine, other) in enumerate(zip(ours["snr_db"], row["aeq"]["snr_db"])):
        if mine is not None and other is not None and mine < other:
            failures.note("int8", name, f"output {k}: {mine} dB, ai-edge-quantizer has {other} dB")
    if ours["seconds"] > seconds:
        failures.note("int8", name, f"takes {ours['seconds']} s, ai-edge-quantizer {seconds:.2f} s")
    if name == "palm_detection" and ours["peak_mb"] > peak / 4:
        failures.note("int8", name, f"takes {ours['peak_mb']} MB, more than a quarter of ai-edge-quantizer's {peak:.0f} MB")


def on_npu(path):
    done = subprocess.run([str(HERE / "vela_check.sh"), str(path)], capture_output=True, text=True)
    counts = {line.split()[0]: int(line.split("=")[1].split()[0]) for line in done.stdout.splitlines() if "operators" in line and "=" in line}
    return counts or done.stderr.strip()[-120:]


def db(values):
    return ", ".join("exact" if v is None else f"{v:.1f}" for v in values)


def print_table(rows):
    lines = ["| model | float bytes | int8 bytes | SNR dB int8 | SNR dB LiteRT Quantizer | SNR dB int16x8 | seconds | peak MB | Vela |",
             "|---|---|---|---|---|---|---|---|---|"]
    for row in rows:
        if "int8" not in row:
            continue
        a, b = row["int8"], row["aeq"]
        wide = db(row["int16x8"]["snr_db"]) if "int16x8" in row else "-"
        lines.append(f"| {row['model']} | {row['bytes']:,} | {a['bytes']:,} (theirs {b['bytes']:,}) | {db(a['snr_db'])} | {db(b['snr_db'])} | {wide} | "
                     f"{a['seconds']} (theirs {b['seconds']}) | {a['peak_mb']} (theirs {b['peak_mb']}) | {row['npu']} |")
    print("\n".join(lines))
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description="tmo beside LiteRT and its quantizer.")
    for flag in ("--tmo", "--models", "--samples", "--work"):
        parser.add_argument(flag, required=True, type=pathlib.Path)
    parser.add_argument("--only", default="", help="models whose name contains this text")
    args = parser.parse_args()
    args.tmo = str(args.tmo.resolve())
    args.work.mkdir(parents=True, exist_ok=True)
    failures = Failures()
    for path in sorted(args.models.glob("*.tflite")):
        if args.only not in path.stem:
            continue
        if "selfie" not in path.stem:  # its custom operator runs in MediaPipe's own interpreter only
            check_round_trip(args, path, failures)
            worst = check_runtime(args, path, failures)
            print(f"{path.stem}: round trip and runtime, largest difference {worst}", flush=True)
    rows = [check_schemes(args, name, failures) for name in QUANTIZED if args.only in name]
    (args.work / "table.md").write_text(print_table(rows))
    (args.work / "results.json").write_text(json.dumps(rows, indent=1))
    print(f"{len(failures)} claims failed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
