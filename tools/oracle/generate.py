"""Writes the golden archives: generate.py [group ...] [--check]

Runs every case of tools/oracle/cases_<group>.py with LiteRT's reference
kernels and writes tests/goldens/<group>.tmog.gz.  Cases that LiteRT refuses
are listed and left out.  With --check nothing is written: the archive that is
there must equal what would be written.
"""
import argparse
import gzip
import importlib
import io
import os
import pathlib
import pickle
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
GOLDENS = HERE.parent.parent / 'tests' / 'goldens'
sys.path.insert(0, str(HERE))

import numpy as np  # noqa: E402
import singleop  # noqa: E402


def block(data):
    """A length, the bytes, and zeros up to a multiple of 4."""
    return struct.pack('<I', len(data)) + data + bytes(-len(data) % 4)


def tensor_record(x, dtype):
    return (struct.pack('<II', singleop.code(dtype), x.ndim)
            + struct.pack('<%di' % x.ndim, *x.shape)
            + block(singleop.to_bytes(x, dtype)))


def record(c, content, feeds, results):
    inputs, outputs = c.graphs[0].inputs, c.graphs[0].outputs
    largest = 0.0
    for step in results:
        for x, o in zip(step, outputs):
            if singleop.is_float(o.dtype):
                v = np.abs(x)[np.isfinite(x)]
                largest = max(largest, float(v.max()) if v.size else 0.0)
    out = io.BytesIO()
    out.write(block(c.name.encode()))
    out.write(block(content))
    out.write(struct.pack('<ffI', c.rtol, c.rtol * largest, len(feeds)))
    for values, answers in zip(feeds, results):
        for list_, tensors in ((values, inputs), (answers, outputs)):
            out.write(struct.pack('<I', len(list_)))
            for x, d in zip(list_, tensors):
                out.write(tensor_record(x, d.dtype))
    return out.getvalue()


def work(cases, begin, pipe):
    """In a child process: evaluates the cases from begin on."""
    for c in cases[begin:]:
        try:
            answer = (True, record(c, *singleop.evaluate(c)))
        except Exception as e:  # whatever LiteRT says
            text = ' '.join(str(e).split()) or type(e).__name__
            answer = (False, text)
        pickle.dump(answer, pipe)
        pipe.flush()


def evaluate_all(cases):
    """[(ok, record or message)], surviving crashes of the runtime."""
    answers = []
    while len(answers) < len(cases):
        r, w = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(r)
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 2)
            status = 1
            try:
                with os.fdopen(w, 'wb') as pipe:
                    work(cases, len(answers), pipe)
                status = 0
            finally:
                os._exit(status)
        os.close(w)
        with os.fdopen(r, 'rb') as pipe:
            while True:
                try:
                    answers.append(pickle.load(pipe))
                except (EOFError, pickle.UnpicklingError):
                    break
        _, status = os.waitpid(pid, 0)
        if len(answers) < len(cases):
            answers.append((False, 'the runtime crashed, status %d' % status))
    return answers


def archive(records):
    head = b'TMOG' + struct.pack('<II', 1, len(records))
    out = io.BytesIO()
    with gzip.GzipFile('', 'wb', 9, out, mtime=0) as z:
        z.write(head + b''.join(records))
    return out.getvalue()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('groups', nargs='*')
    parser.add_argument('--check', action='store_true')
    args = parser.parse_args()
    groups = args.groups or sorted(
        p.stem[6:] for p in HERE.glob('cases_*.py'))
    bad = False
    for group in groups:
        cases = list(importlib.import_module('cases_' + group).cases())
        names = [c.name for c in cases]
        twice = {n for n in names if names.count(n) > 1}
        if twice:
            sys.exit('names used twice: ' + ' '.join(sorted(twice)))
        answers = evaluate_all(cases)
        records = [a for ok, a in answers if ok]
        data = archive(records)
        path = GOLDENS / (group + '.tmog.gz')
        if args.check:
            same = (path.exists() and gzip.decompress(path.read_bytes())
                    == gzip.decompress(data))
            bad = bad or not same
            state = 'same' if same else 'DIFFERENT'
        else:
            GOLDENS.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            state = 'written'
        raw = sum(map(len, records))
        print('%s: %d cases, %d bytes, %d compressed, %s'
              % (group, len(records), raw, len(data), state))
        for c, (ok, message) in zip(cases, answers):
            if not ok:
                print('  refused %s: %s' % (c.name, message))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
