#!/usr/bin/env python3
"""The work of mca.sh: mca_loops.py FILE.s FOLDER cuts the loop out; mca_loops.py --table FOLDER has llvm-mca look at them.

A loop is a run of instructions from a label to a branch back to it without another label between. The one with the most
multiply-adds is kept."""
import os
import pathlib
import re
import subprocess
import sys

# Multiply-accumulates of an instruction on 128-bit vectors.
MACS = {"fmla": 4, "sdot": 16, "udot": 16, "usdot": 16, "smmla": 32, "ummla": 32, "smlal": 4, "smlal2": 4}
# llvm-mca's models: the cores, and how many such instructions they start in a cycle.
CORES = {"cortex-a55": ("Cortex-A55", 1), "neoverse-n1": ("Neoverse N1", 2), "neoverse-v1": ("Neoverse V1", 4)}
MCA = os.environ.get("LLVM_MCA", "llvm-mca")


def names_of(instructions):
    return [line.split()[0] for line in instructions]


def macs_of(instructions):
    return sum(MACS.get(name, 0) for name in names_of(instructions))


def loops(text):
    """(function, instructions) of each innermost loop."""
    function, label, body = None, None, []
    for line in text.splitlines():
        start = re.match(r"([\w.$]+):", line)
        if start:
            if not start.group(1).startswith("."):
                function = start.group(1)
            label, body = start.group(1), []
            continue
        words = line.split("//")[0].strip()
        if not words or words.startswith("."):
            continue
        body.append(words)
        branch = re.match(r"(b\.?[a-z][a-z]|b|cbn?z|tbn?z)\s.*?([\w.$]+)$", words)
        if branch and branch.group(2) == label:
            yield function, body
            body = []


def cut(path, folder):
    bodies = [body for _, body in loops(pathlib.Path(path).read_text()) if macs_of(body)]
    if bodies:
        best = max(bodies, key=macs_of)
        (pathlib.Path(folder) / f"{pathlib.Path(path).stem}.loop").write_text("\n".join(best) + "\n")


def cycles(path, core):
    done = subprocess.run([MCA, "-mtriple=aarch64", f"-mcpu={core}", "-mattr=+dotprod,+i8mm", "-iterations=100", path],
                          capture_output=True, text=True)
    found = re.search(r"Total Cycles:\s+(\d+)", done.stdout)
    return int(found.group(1)) / 100 if found else None


def cell(macs, products, path, core):
    """The rate, and the share of what the core could do with nothing but these instructions."""
    count = cycles(path, core)
    return f"{macs / count:.1f} ({100 * products / CORES[core][1] / count:.0f} %)" if count else "–"


def table(folder):
    print("| loop | instructions | multiply-adds | " + " | ".join(name for name, _ in CORES.values()) + " |")
    print("|---|---:|---:|" + "---:|" * len(CORES))
    for path in sorted(pathlib.Path(folder).glob("*.loop")):
        body = path.read_text().splitlines()
        products = sum(name in MACS for name in names_of(body))
        cells = [cell(macs_of(body), products, path, core) for core in CORES]
        print(f"| {path.stem} | {len(body)} | {products} | " + " | ".join(cells) + " |")


if sys.argv[1] == "--table":
    table(sys.argv[2])
else:
    cut(*sys.argv[1:3])
