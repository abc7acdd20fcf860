#!/usr/bin/env python3
"""tmo beside LiteRT, OpenVINO and ONNX Runtime: latency, start and memory on one machine, measured in turn.

usage: bench/compare.py [MODEL...] [--schemes float,int8,dynamic,int16x8] [--threads 1,2] [--peers litert,openvino,onnxruntime]
                        [--rounds N] [--seconds S] [--least] [--json FILE] [--docs FOLDER] [--from FILE...]

Each MODEL is a float .tflite file; the other schemes are made of it with `tmo quantize`. Default: the built-in model and those of
tools/get_models. For each model, scheme and number of threads, tmo and the peers run in turn, A B A B ..., --seconds each, --rounds
times. A bound says what the machine allows on one thread: the model's multiply-accumulates at the peak that `tmo kernels --bench`
measures (convolutions by Winograd's algorithm, which has fewer, as long as they take) and the operators without any as long as
they take. A ratio is peer / tmo (above 1: tmo is faster, starts sooner, needs less), of latency the median over the rounds of the ratio of
the medians of a round; with --least the ratio of the least times of all, for a machine that does other work too.

--docs writes compare.svg and roofline.svg there and fills the tables of performance.md, between <!-- NAME --> and <!-- /NAME -->;
--from takes the rows of earlier --json files instead of measuring. Peers run in the Python environment build/peers, which
tools/peers/setup makes; those that are not there are left out. OpenVINO reads .tflite files; ONNX Runtime runs MODEL.onnx where
that lies beside MODEL.tflite, and the models of ONNX_TWINS.
"""
import argparse
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys

import charts

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("TMO_CACHE") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "tmo") / "models"
DEFAULT_MODELS = ("face_landmark", "palm_detection", "iris_landmark", "face_detection_short_range", "face_detection_full_range",
                  "ssd_mobilenetv2", "speech_embedding", "selfie_segmentation", "hey_jarvis", "weather")
ONNX_TWINS = {"face_detection_short_range": "blazeface_front"}  # networks of the same design
SCHEMES = ("float", "int8", "dynamic", "int16x8")
GOALS = {"float": 1.25, "int8": 2, "dynamic": 3, "int16x8": 10}
STARTS = 3
START_RATIOS = ("start_ratio", "cached_ratio", "memory_ratio")  # LiteRT's over ours
PEERS = {"litert": "LiteRT", "openvino": "OpenVINO", "onnxruntime": "ONNX Runtime"}
DIGITS = ROOT / "data/handwriting"


def fail(text):
    sys.exit(f"compare: {text}")


# ---- models ----

def default_models():
    if not CACHE.is_dir():
        subprocess.run([ROOT / "tools/get_models"], check=False)
    return [DIGITS / "digits.tflite", *(CACHE / f"{name}.tflite" for name in DEFAULT_MODELS if (CACHE / f"{name}.tflite").exists())]


def calibration(model):
    if model.parent == DIGITS:
        return f"idx:{DIGITS}/train4k-images.idx3-ubyte.gz,{DIGITS}/train4k-labels.idx1-ubyte.gz"
    return "random:4"


def quantized(args, model, scheme):
    """The file of a model in a scheme, made when it is not there; None when it cannot be."""
    if scheme == "float":
        return model
    out = args.work / f"{model.stem}_{scheme}.tflite"
    if out.exists() and out.stat().st_mtime > model.stat().st_mtime:
        return out
    done = subprocess.run([args.tmo, "quantize", model, "-o", out, "--scheme", scheme, "--data", calibration(model), "--quiet"],
                          capture_output=True, text=True)
    if done.returncode:
        print(f"compare: {model.stem} {scheme}: {done.stderr.strip()}", file=sys.stderr)
        return None
    return out


# ---- what runs ----

class Tmo:
    """A process for each measurement; its start costs next to nothing."""

    def __init__(self, args, path, threads):
        self.command = [args.tmo, "bench", path, "--threads", str(threads), "--json"]
        self.start = self.first()

    def first(self, *flags):
        """Loading, making the session and the first run."""
        times = self.measure(0.001, *flags)
        return dict(load_first_us=times["load_us"] + times["create_us"] + times["first_us"], resident_kb=times["resident_bytes"] / 1024)

    def measure(self, seconds, *flags):
        done = subprocess.run([*self.command, "--seconds", str(seconds), *flags], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        return json.loads(done.stdout)

    def bound_us(self, gmacs):
        """No less than this with so many multiply-accumulates a nanosecond."""
        operators = self.measure(0.3, "--profile")["profile"]
        return sum(o["macs"] / gmacs / 1000 if o["macs"] and "winograd" not in o["kernel"] else o["mean_us"] for o in operators)

    def close(self):
        pass


class Peer:
    """A process that loads the model once and measures when asked."""

    def __init__(self, args, engine, path, threads):
        self.command = [args.python, ROOT / "tools/peers/peer_bench.py", path, "--engine", engine, "--threads", str(threads), "--serve"]
        self.process = self.spawn()
        self.start = self.answer(self.process)

    def spawn(self):
        return subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    @staticmethod
    def answer(process):
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("ended")
        return json.loads(line)

    def first(self):
        """The same in a process of its own."""
        with self.spawn() as process:
            process.stdin.close()
            return self.answer(process)

    def measure(self, seconds):
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        return self.answer(self.process)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def peer_file(engine, model, path, scheme):
    """The file that an engine would run in place of `path`; None when it has none."""
    if engine == "litert":
        return path
    if engine == "openvino":
        return path if scheme in ("float", "int8") else None
    twin = model.parent / f"{ONNX_TWINS.get(model.stem, model.stem)}.onnx"
    return twin if scheme == "float" and twin.exists() else None


def available_peers(args):
    modules = {"litert": "ai_edge_litert", "openvino": "openvino", "onnxruntime": "onnxruntime"}
    there = [e for e in args.peers.split(",") if e and pathlib.Path(args.python).exists()
             and subprocess.run([args.python, "-c", f"import {modules[e]}"], capture_output=True).returncode == 0]
    if not there:
        print("compare: no peer is installed, see tools/peers/setup", file=sys.stderr)
    return there


# ---- measuring ----

def run_in_turn(args, contestants):
    """rounds[name]: one measurement a round."""
    rounds = {name: [] for name in contestants}
    for _ in range(args.rounds):
        for name, contestant in contestants.items():
            rounds[name].append(contestant.measure(args.seconds))
    return rounds


def ratio(args, ours, theirs):
    if args.least:
        return min(r["min_us"] for r in theirs) / min(r["min_us"] for r in ours)
    return statistics.median(b["median_us"] / a["median_us"] for a, b in zip(ours, theirs))


def micros(args, rounds):
    return min(r["min_us"] for r in rounds) if args.least else statistics.median(r["median_us"] for r in rounds)


def measure_start(args, contestants):
    """The median of STARTS starts of each, in turn; OpenVINO, which takes a second, starts once."""
    starts = {name: [contestant.start] for name, contestant in contestants.items()}
    for _ in range(STARTS - 1):
        for name, contestant in contestants.items():
            if name != "openvino":
                starts[name].append(contestant.first())
    pick = min if args.least else statistics.median
    return {name: {key: pick(s[key] for s in list_) for key in list_[0]} for name, list_ in starts.items()}


def cached_start(args, contestant):
    """The start with weights packed before, from the file that the first start writes."""
    cache = args.work / "weights.cache"
    cache.unlink(missing_ok=True)
    starts = [contestant.first("--weights-cache", str(cache))["load_first_us"] for _ in range(STARTS + 1)][1:]
    cache.unlink(missing_ok=True)
    return (min if args.least else statistics.median)(starts)


def compare_one(args, engines, peaks, model, path, scheme, threads):
    contestants = {"tmo": Tmo(args, path, threads)}
    for engine in engines:
        file = peer_file(engine, model, path, scheme)
        try:
            if file:
                contestants[engine] = Peer(args, engine, file, threads)
        except RuntimeError:
            print(f"compare: {PEERS[engine]} cannot run {file.name}", file=sys.stderr)
    rounds = run_in_turn(args, contestants)
    for contestant in contestants.values():
        contestant.close()
    starts = measure_start(args, contestants)
    ours = starts.pop("tmo")
    cached = cached_start(args, contestants["tmo"])
    row = dict(model=model.stem, scheme=scheme, threads=threads, tmo_us=micros(args, rounds["tmo"]), cached_first_us=cached, **ours, peers={})
    if threads == 1:
        row["bound_us"] = contestants["tmo"].bound_us(peaks["f32_gmacs" if scheme == "float" else "s8_gmacs"])
    for engine, first in starts.items():
        row["peers"][engine] = dict(
            us=micros(args, rounds[engine]), ratio=ratio(args, rounds["tmo"], rounds[engine]),
            start_ratio=first["load_first_us"] / ours["load_first_us"],
            cached_ratio=first["load_first_us"] / cached, memory_ratio=first["resident_kb"] / max(ours["resident_kb"], 1), **first)
    return row


def compare_all(args, engines, peaks, models):
    rows = []
    for scheme in args.schemes.split(","):
        for model in models:
            path = quantized(args, model, scheme)
            for threads in map(int, args.threads.split(",")) if path else ():
                rows.append(compare_one(args, engines, peaks, model, path, scheme, threads))
                print(line_of(rows[-1]), file=sys.stderr, flush=True)
    return rows


def line_of(row):
    peers = "  ".join(f"{PEERS[e]} {p['us']:.0f} us, {p['ratio']:.2f}x" for e, p in row["peers"].items())
    return f"{row['scheme']:8} {row['model']:28} {row['threads']} thread(s)  tmo {row['tmo_us']:.0f} us  {peers}"


# ---- the machine and the libraries ----

def machine(args):
    """The measured peaks and the times of the kernels."""
    done = subprocess.run([args.tmo, "kernels", "--bench", "--json"], capture_output=True, text=True)
    if done.returncode:
        fail(done.stderr.strip())
    return json.loads(done.stdout)


def stripped_bytes(library, work):
    copy = work / "stripped.so"
    subprocess.run(["strip", "-o", copy, library], check=True)
    return copy.stat().st_size


def library_sizes(args):
    sizes = {}
    ours = pathlib.Path(args.tmo).parent / "libtmo_runtime.so"
    if ours.exists():
        sizes["libtmo_runtime.so"] = stripped_bytes(ours, args.work)
    site = pathlib.Path(args.python).parent.parent / "lib"
    for pattern in ("ai_edge_litert/libLiteRt.so", "ai_edge_litert/libpywrap_litert_common.so", "openvino/libs/libopenvino.so*",
                    "openvino/libs/libopenvino_intel_cpu_plugin.so", "onnxruntime/capi/libonnxruntime.so*"):
        for file in site.glob(f"python*/site-packages/{pattern}"):
            sizes[f"{pattern.split('/')[0]}: {file.name}"] = file.stat().st_size
    return sizes


# ---- tables ----

def geometric_mean(values):
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def cell(value, form="{:.2f}"):
    return form.format(value) if value is not None else "–"


def bound_cells(row, litert, has_bound):
    if not has_bound:
        return []
    return [cell(row["bound_us"], "{:.0f}"), cell(litert["us"] / row["bound_us"] if litert else None)]


def table_of(rows, engines):
    """A Markdown table of the rows of one scheme and number of threads."""
    has_bound = all("bound_us" in row for row in rows)
    bound_heads = ["bound µs", "LiteRT / bound"] if has_bound else []
    heads = ["model", "tmo µs", *(f"{PEERS[e]} µs" for e in engines), *(f"{PEERS[e]} / tmo" for e in engines), *bound_heads,
             "start", "start, packed before", "memory"]
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    for row in rows:
        of = [row["peers"].get(e, {}) for e in engines]
        litert = row["peers"].get("litert", {})
        cells = [row["model"], cell(row["tmo_us"], "{:.0f}"), *(cell(p.get("us"), "{:.0f}") for p in of), *(cell(p.get("ratio")) for p in of),
                 *bound_cells(row, litert, has_bound), *(cell(litert.get(k), "{:.1f}") for k in START_RATIOS)]
        lines.append("| " + " | ".join(cells) + " |")
    means = [geometric_mean(r["peers"][e]["ratio"] for r in rows if e in r["peers"]) for e in engines]
    starts = [geometric_mean(r["peers"]["litert"][k] for r in rows if "litert" in r["peers"]) for k in START_RATIOS]
    bounds = ["", cell(geometric_mean(r["peers"]["litert"]["us"] / r["bound_us"] for r in rows if "litert" in r["peers"]))] if has_bound else []
    cells = ["**geometric mean**", "", *("" for _ in engines), *(f"**{cell(m)}**" for m in means), *bounds, *(cell(s, "{:.1f}") for s in starts)]
    return "\n".join([*lines, "| " + " | ".join(cells) + " |"])


def scaling(rows):
    """The mean of one thread's time over two threads', of the models above 2 ms, by scheme."""
    times = {(r["scheme"], r["model"], r["threads"]): r["tmo_us"] for r in rows}
    lines = []
    for scheme in SCHEMES:
        gains = [times[s, m, 1] / times[s, m, 2] for s, m, t in times if s == scheme and t == 2 and times.get((s, m, 1), 0) > 2000]
        if gains:
            lines.append(f"| {scheme} | {len(gains)} | {geometric_mean(gains):.2f} |")
    return "### Two threads over one, models above 2 ms\n\n| scheme | models | times faster |\n|---|---:|---:|\n" + "\n".join(lines) + "\n"


def markdown(result, engines):
    parts = []
    for scheme in SCHEMES:
        for threads in sorted({r["threads"] for r in result["rows"]}):
            rows = [r for r in result["rows"] if r["scheme"] == scheme and r["threads"] == threads]
            used = [e for e in engines if any(e in r["peers"] for r in rows)]
            if rows:
                parts.append(f"### {scheme}, {threads} thread{'s' * (threads > 1)}\n\n{table_of(rows, used)}\n")
    parts.append(scaling(result["rows"]))
    sizes = "\n".join(f"| {name} | {size / 1000:,.0f} |" for name, size in result["libraries"].items())
    parts.append(f"### Libraries, stripped, with all operators\n\n| file | kB |\n|---|---:|\n{sizes}\n")
    return "\n".join(parts)


def peaks_text(peaks):
    clock = peaks["clock_ghz"]
    return (f"| what | a second | a cycle ({clock:.2f} GHz) |\n|---|---:|---:|\n"
            + "".join(f"| {name} | {peaks[key]:.1f} GMAC | {peaks[key] / clock:.1f} |\n"
                      for name, key in (("float32 multiply-accumulates", "f32_gmacs"), ("int8 multiply-accumulates", "s8_gmacs")))
            + "".join(f"| reading {size} | {peaks[key]:.1f} GB | {peaks[key] / clock:.1f} bytes |\n"
                      for size, key in (("16 KiB", "l1_gb_s"), ("256 KiB", "l2_gb_s"), ("4 MiB", "l3_gb_s"), ("64 MiB", "memory_gb_s"))))


def kernels_text(times):
    """Of each family and shape the fastest variant."""
    best = {}
    for time in times:
        key = time["family"], time["shape"]
        if key not in best or time["ns"] < best[key]["ns"]:
            best[key] = time
    lines = [f"| {t['family']} | {t['shape']} | {t['name']} | {t['cycles']:,.0f} | {cell(t['gmacs'] or None, '{:.1f}')} | {t['gb_s']:.1f} "
             f"| {100 * t['share']:.0f} % |" for t in best.values()]
    return "| family | shape | kernel | cycles | GMAC/s | GB/s | of peak |\n|---|---|---|---:|---:|---:|---:|\n" + "\n".join(lines) + "\n"


def filled(text, name, content):
    marks = f"<!-- {name} -->", f"<!-- /{name} -->"
    if marks[0] not in text:
        return text
    head, rest = text.split(marks[0], 1)
    return head + marks[0] + "\n\n" + content.strip() + "\n\n" + marks[1] + rest.split(marks[1], 1)[1]


def write_docs(folder, result, engines):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "compare.svg").write_text(charts.bars(result["rows"], SCHEMES, GOALS))
    page = folder / "performance.md"
    text = page.read_text() if page.exists() else "".join(f"<!-- {n} -->\n<!-- /{n} -->\n" for n in ("peaks", "kernels", "compare"))
    (folder / "roofline.svg").write_text(charts.roofline(result["machine"]))
    text = filled(text, "peaks", peaks_text(result["machine"]["peaks"]))
    text = filled(text, "kernels", kernels_text(result["machine"]["times"]))
    page.write_text(filled(text, "compare", markdown(result, engines)))


def parse():
    parser = argparse.ArgumentParser(description="tmo beside other runtimes on one machine, measured in turn.")
    parser.add_argument("models", nargs="*", type=pathlib.Path, metavar="MODEL")
    parser.add_argument("--schemes", default=",".join(SCHEMES))
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.3)
    parser.add_argument("--least", action="store_true", help="compare the least times instead of medians")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write all numbers there")
    parser.add_argument("--docs", type=pathlib.Path, metavar="FOLDER", help="write tables and charts there")
    parser.add_argument("--from", dest="rows", nargs="+", type=pathlib.Path, metavar="FILE", help="rows of earlier --json files")
    parser.add_argument("--tmo", default=str(ROOT / "build/tmo"))
    parser.add_argument("--python", default=str(ROOT / "build/peers/bin/python"), help="of the peers' environment")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "build/bench")
    return parser.parse_args()


def main():
    args = parse()
    if not pathlib.Path(args.tmo).exists():
        fail(f"'{args.tmo}' is not there; run make")
    for model in args.models:
        if not model.exists():
            fail(f"'{model}' is not there")
    args.work.mkdir(parents=True, exist_ok=True)
    now = machine(args)
    if args.rows:
        rows = [row for file in args.rows for row in json.loads(file.read_text())["rows"]]
        engines = [e for e in PEERS if any(e in row["peers"] for row in rows)]
    else:
        engines = available_peers(args)
        rows = compare_all(args, engines, now["peaks"], [m.resolve() for m in args.models] or default_models())
    result = dict(rows=rows, machine=now, libraries=library_sizes(args))
    print(markdown(result, engines))
    if args.json:
        args.json.write_text(json.dumps(result, indent=1))
    if args.docs:
        write_docs(args.docs, result, engines)


if __name__ == "__main__":
    main()
