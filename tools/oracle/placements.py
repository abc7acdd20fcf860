#!/usr/bin/env python3
"""Where compilers and runtimes place the single-operator golden models.

Makes tests/goldens/placements.txt.gz, which the tests of `tmo check` compare
with. The packages do not share one Python environment, so each step is a run:

    placements.py models DIR                 write the models as files
    placements.py vela ACCELERATOR DIR       needs ethos-u-vela 5.2.0
    placements.py litert DIR                 needs ai-edge-litert 2.3.0
    placements.py tflm DIR                   needs tflite-micro
    placements.py merge U55 U85 LITERT TFLM  joins what the others printed

Each run of the middle three prints lines `name value`: 1 for an operator that
is taken (by the NPU, by XNNPACK, by a microcontroller kernel), 0 for one that
is not, - where there is no answer. merge prints lines of a name and the four
values; gzip them. Models of several operators or subgraphs are left out.
"""
import glob
import gzip
import importlib
import os
import struct
import sys
import tempfile

GOLDENS = os.path.join(os.path.dirname(__file__), '../../tests/goldens')


class Reader:
    """Walks the records of a .tmog.gz file."""

    def __init__(self, path):
        self.data, self.at = gzip.open(path).read(), 8

    def u32(self):
        self.at += 4
        return struct.unpack_from('<I', self.data, self.at - 4)[0]

    def block(self):
        size = self.u32()
        start = self.at
        self.at += (size + 3) // 4 * 4
        return self.data[start:start + size]

    def tensors(self):
        for _ in range(self.u32()):
            self.u32()
            rank = self.u32()
            self.at += 4 * rank
            self.block()

    def records(self):
        for _ in range(self.u32()):
            name, model = self.block().decode(), self.block()
            self.at += 8
            for _ in range(self.u32()):
                self.tensors()
                self.tensors()
            yield name, model


def write_models(folder):
    os.makedirs(folder, exist_ok=True)
    for path in sorted(glob.glob(os.path.join(GOLDENS, '*.tmog.gz'))):
        group = os.path.basename(path).split('.')[0]
        for name, model in Reader(path).records():
            with open(os.path.join(folder, f'{group}.{name}'), 'wb') as f:
                f.write(model)


def in_child(work):
    """What `work` returns, from a process of its own: '-' if that dies."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        try:
            os.write(write, work().encode())
        finally:
            os._exit(0)
    os.close(write)
    answer = os.read(read, 64).decode()
    os.close(read)
    os.waitpid(pid, 0)
    return answer or '-'


def vela(accelerator, path):
    from ethosu.vela import vela as compiler
    from ethosu.vela.tflite.Model import Model

    def operators(file):
        with open(file, 'rb') as f:
            model = Model.GetRootAsModel(f.read(), 0)
        graph = model.Subgraphs(0)
        if model.SubgraphsLength() != 1:
            return None
        return [model.OperatorCodes(graph.Operators(k).OpcodeIndex())
                .CustomCode() for k in range(graph.OperatorsLength())]

    before = operators(path)
    if before is None or len(before) != 1:
        return '-'
    with tempfile.TemporaryDirectory() as out:
        compiler.main([path, '--accelerator-config', accelerator,
                       '--output-dir', out])
        after = operators(glob.glob(out + '/*_vela.tflite')[0])
    return '0' if any(c != b'ethos-u' for c in after) else '1'


def litert(path):
    from ai_edge_litert.interpreter import Interpreter
    it = Interpreter(path, num_threads=1)
    it.allocate_tensors()
    names = [o['op_name'] for o in it._get_ops_details()]
    if len([n for n in names if n != 'DELEGATE']) != 1:
        return '-'
    return '1' if 'DELEGATE' in names else '0'


def tflm(path):
    from tflite_micro.python.tflite_micro import _runtime as runtime
    with open(path, 'rb') as f:
        content = f.read()
    keep = runtime.PythonInterpreterConfig.kPreserveAllTensors
    try:
        it = runtime.InterpreterWrapper(content, [], 1 << 26, 40, keep, 0)
    except RuntimeError:
        return '0'
    try:
        it.Invoke()
    except RuntimeError:
        # The inputs are zeros: a division by them says nothing.
        return '-' if '.floor_' in path else '0'
    return '1'


def each(folder, place, *packages):
    for package in packages:  # once, for all children
        importlib.import_module(package)
    for path in sorted(glob.glob(os.path.join(folder, '*'))):
        print(os.path.basename(path), in_child(lambda: place(path)))


def merge(paths):
    columns = []
    for path in paths:
        with open(path) as f:
            columns.append(dict(line.split() for line in f))
    for name in sorted(columns[0]):
        values = [c.get(name, '-') for c in columns]
        if values[2] != '-' and not name.startswith('control.'):
            print(name, *values)


def main(args):
    steps = {'models': lambda: write_models(args[1]),
             'vela': lambda: each(args[2], lambda p: vela(args[1], p),
                                  'ethosu.vela.vela',
                                  'ethosu.vela.tflite.Model'),
             'litert': lambda: each(args[1], litert,
                                    'ai_edge_litert.interpreter'),
             'tflm': lambda: each(args[1], tflm,
                                  'tflite_micro.python.tflite_micro._runtime'),
             'merge': lambda: merge(args[1:])}
    if not args or args[0] not in steps:
        sys.exit(__doc__)
    steps[args[0]]()


if __name__ == '__main__':
    main(sys.argv[1:])
