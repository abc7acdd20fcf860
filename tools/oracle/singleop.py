"""Builds tiny .tflite models and runs them with LiteRT's reference kernels.

A case is a model of one operator (or a few, or several subgraphs), its inputs
for one or more steps, and what LiteRT answers.  Everything random is seeded
with the case name, so a case gives the same bytes on every machine.
"""
import zlib

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as S
from ai_edge_litert.interpreter import Interpreter, OpResolverType

F = S.ActivationFunctionType
NONE, RELU, RELU_N1_TO_1, RELU6 = F.NONE, F.RELU, F.RELU_N1_TO_1, F.RELU6
SAME, VALID = S.Padding.SAME, S.Padding.VALID

# short name: (TensorType name, numpy type)
TYPES = {
    'f32': ('FLOAT32', np.float32), 'f16': ('FLOAT16', np.float16),
    'f64': ('FLOAT64', np.float64), 'i8': ('INT8', np.int8),
    'u8': ('UINT8', np.uint8), 'i16': ('INT16', np.int16),
    'u16': ('UINT16', np.uint16), 'i32': ('INT32', np.int32),
    'u32': ('UINT32', np.uint32), 'i64': ('INT64', np.int64),
    'u64': ('UINT64', np.uint64), 'bool': ('BOOL', np.bool_),
    'c64': ('COMPLEX64', np.complex64), 'i4': ('INT4', np.int8),
    'i2': ('INT2', np.int8),
    'str': ('STRING', object), 'res': ('RESOURCE', None),
}


def code(dtype):
    """The schema's number of a short type name."""
    return getattr(S.TensorType, TYPES[dtype][0])


def is_float(dtype):
    return dtype[0] in 'fc'


class Tensor:
    def __init__(self, shape, dtype, scale, zero_point, axis, data, variable,
                 name, shape_signature, feed, sparsity):
        self.shape, self.dtype, self.axis = list(shape), dtype, axis
        self.scale = None if scale is None else np.atleast_1d(
            np.asarray(scale, np.float32))
        zp = 0 if zero_point is None else zero_point
        self.zero_point = np.atleast_1d(np.asarray(zp, np.int64))
        if self.scale is not None and self.zero_point.size != self.scale.size:
            self.zero_point = np.repeat(self.zero_point, self.scale.size)
        self.data, self.variable, self.name = data, variable, name
        self.signature, self.feed = shape_signature, feed
        self.sparsity = sparsity
        # blockwise quantization: (tensor of scales, elements in a block)
        self.blocks = None

    @property
    def numpy_type(self):
        return TYPES[self.dtype][1]

    def fed(self):
        return self.data is None and not self.variable


def t(shape, dtype='f32', scale=None, zero_point=None, axis=0, data=None,
      variable=False, name=None, shape_signature=None, feed=None,
      sparsity=None):
    """Describes a tensor.

    data makes it constant: an array, 'random', or a (low, high) range.
    feed says what an input receives: nothing for random values of the whole
    range, a (low, high) range, an array, or a function of (rng, step).
    """
    return Tensor(shape, dtype, scale, zero_point, axis, data, variable, name,
                  shape_signature, feed, sparsity)


def const(values, dtype='i32', shape=None, **more):
    """A constant tensor with the given values."""
    a = np.asarray(values, TYPES[dtype][1])
    return t(a.shape if shape is None else shape, dtype, data=a, **more)


def random_values(rng, tensor, how=None):
    """Random values of a tensor; how is None or a (low, high) range."""
    shape, dtype = tensor.shape, tensor.dtype
    n = int(np.prod(shape, dtype=np.int64))
    if dtype == 'bool':
        return rng.integers(0, 2, shape).astype(np.bool_)
    if is_float(dtype):
        if how is not None:
            v = rng.uniform(how[0], how[1], n)
        else:
            v = rng.normal(0, 2, n)
            spots = rng.permutation(n)
            v[spots[:n // 12]] = 0
            v[spots[n // 12:n // 6]] *= 6
        if dtype == 'c64':
            v = v + 1j * rng.normal(0, 2, n)
        return v.astype(tensor.numpy_type).reshape(shape)
    if how is not None:
        lo, hi = how
    elif dtype == 'i4':
        lo, hi = -7, 7
    elif dtype == 'i2':
        lo, hi = -2, 1
    elif dtype in ('i32', 'i64'):
        lo, hi = -1000, 1000
    elif dtype in ('u32', 'u64'):
        lo, hi = 0, 2000
    else:
        info = np.iinfo(tensor.numpy_type)
        lo, hi = int(info.min), int(info.max)
    v = rng.integers(lo, hi, n, endpoint=True)
    special = [lo, hi]
    if tensor.scale is not None and lo <= tensor.zero_point[0] <= hi:
        special.append(int(tensor.zero_point[0]))
    if n >= 2 * len(special):
        v[rng.permutation(n)[:len(special)]] = special
    return v.astype(tensor.numpy_type).reshape(shape)


def pack_strings(values):
    """The serialised form of a string tensor."""
    items = [v if isinstance(v, bytes) else str(v).encode()
             for v in np.asarray(values, object).ravel()]
    pos = 4 * (len(items) + 2)
    head = [len(items), pos]
    for s in items:
        pos += len(s)
        head.append(pos)
    return np.asarray(head, '<i4').tobytes() + b''.join(items)


def to_bytes(array, dtype):
    """An array as it lies in a buffer."""
    if dtype == 'str':
        return pack_strings(array)
    if dtype in ('i4', 'i2'):
        bits = int(dtype[1])
        v = np.asarray(array, np.int8).ravel().astype(np.uint8)
        v &= (1 << bits) - 1
        v = np.append(v, np.zeros(-v.size % (8 // bits), np.uint8))
        packed = np.zeros(v.size * bits // 8, np.uint8)
        for i in range(8 // bits):
            packed |= v[i::8 // bits] << (bits * i)
        return packed.tobytes()
    return np.ascontiguousarray(array, TYPES[dtype][1]).tobytes()


class Op:
    def __init__(self, name, inputs, outputs, options, version, custom_options,
                 intermediates):
        self.name, self.inputs, self.outputs = name, inputs, outputs
        self.options, self.version = options, version
        self.custom_options = custom_options
        self.intermediates = intermediates or []
        self.builtin = hasattr(S.BuiltinOperator, name)


def op(name, inputs, outputs, options=None, version=None, custom_options=None,
       intermediates=None):
    """An operator; a name that is not builtin makes a custom operator."""
    return Op(name, inputs, outputs, options, version, custom_options,
              intermediates)


class Graph:
    def __init__(self, inputs, outputs, ops):
        self.inputs, self.outputs, self.ops = inputs, outputs, ops


def graph(inputs, outputs, ops):
    """A subgraph."""
    return Graph(list(inputs), list(outputs), list(ops))


class Case:
    def __init__(self, name, graphs, exact, rtol, steps):
        self.name, self.graphs, self.steps = name, graphs, steps
        if exact is None:
            exact = not any(is_float(o.dtype) for o in graphs[0].outputs)
        self.rtol = 0.0 if exact else rtol
        # set for the few operators whose reference kernel is wrong
        self.default_kernels = False


def net(name, graphs, exact=None, rtol=1e-5, steps=1):
    """A case made of subgraphs; the first is the primary one."""
    return Case(name, graphs, exact, rtol, steps)


def case(name, op_name, inputs, outputs, options=None, version=None,
         exact=None, rtol=1e-5, steps=1, custom_options=None,
         intermediates=None):
    """A case of one operator.

    Results are compared bit for bit when exact, which is the default where no
    output is a float, else with rtol relative to the largest expected value.
    """
    one = op(op_name, inputs, outputs, options, version, custom_options,
             intermediates)
    fed = []
    for x in inputs:
        if x is not None and x.fed() and x not in fed:
            fed.append(x)
    return net(name, [graph(fed, outputs, [one])], exact, rtol, steps)


# Lowest version that a writer puts for the type of the first input.
VERSIONS = {
    'ADD': 'i8:2 i64:4 f16:6', 'SUB': 'i8:2 i64:4',
    'MUL': 'i8:2 i16:4 i64:5 u32:7 f16:8', 'CONV_2D': 'i8:3 i16:4',
    'DEPTHWISE_CONV_2D': 'i8:3 i16:5', 'FULLY_CONNECTED': 'i8:4 i16:7',
    'TRANSPOSE_CONV': 'i8:2', 'BATCH_MATMUL': 'i8:2 i16:3', 'SVDF': 'i8:3',
    'AVERAGE_POOL_2D': 'i8:2 i16:3', 'MAX_POOL_2D': 'i8:2 i16:3',
    'TANH': 'i8:2 i16:3', 'LOGISTIC': 'i8:2 i16:3',
    'SOFTMAX': 'i8:2 i16:3 f16:4', 'LOG_SOFTMAX': 'i8:2', 'SUM': 'i8:2',
    'SPACE_TO_DEPTH': 'i8:2', 'DEPTH_TO_SPACE': 'i8:2', 'GREATER': 'i8:2',
    'LESS_EQUAL': 'i8:2', 'SQUARED_DIFFERENCE': 'i8:2',
    'MEAN': 'i8:2 i16:3', 'MIRROR_PAD': 'i8:2 i16:3',
    'REDUCE_MAX': 'i8:2 i16:3', 'REDUCE_MIN': 'i8:2 i16:3',
    'RELU6': 'i8:2 i16:3', 'RSQRT': 'i8:2 i16:3', 'RELU': 'i8:2 u8:2 i16:3',
    'LEAKY_RELU': 'i16:2', 'EXP': 'i8:2 i16:2', 'LOG': 'i8:2 i16:2',
    'SQRT': 'i8:2 i16:2', 'REDUCE_PROD': 'i8:2 i16:2',
    'GELU': 'i8:2 u8:2 f16:3', 'SIN': 'f16:2', 'COS': 'f16:2', 'SIGN': 'i32:2',
    'ABS': 'i8:2 i16:3 i32:5',
    'CONCATENATION': 'i8:2 i16:3 u32:4 i4:5 f16:6',
    'PAD': 'i8:2 i16:3 bool:5', 'PADV2': 'i8:2 i16:3 bool:5',
    'RESIZE_BILINEAR': 'i8:2 i16:4', 'RESIZE_NEAREST_NEIGHBOR': 'i8:2 i16:4',
    'TRANSPOSE': 'i8:2 bool:3 i16:5 i4:7 f16:9',
    'SLICE': 'i8:2 str:3 i16:4 u32:6 i4:7 f16:8',
    'STRIDED_SLICE': 'i8:2 bool:3 str:5 u32:7',
    'SPLIT': 'i8:2 i32:3 i16:4', 'SPLIT_V': 'i8:2', 'PACK': 'i8:2 i16:3 u32:4',
    'UNPACK': 'i8:2 u8:2 bool:3 i16:4 f16:5',
    'GATHER': 'i8:2 bool:3 i16:4', 'GATHER_ND': 'i8:2 str:2 i16:3 bool:5',
    'DEQUANTIZE': 'i8:2 i16:3 f16:3 i4:6', 'QUANTIZE': 'i16:2',
    'CAST': 'u32:2 i8:3 u16:4 f64:5 f16:5', 'EQUAL': 'i8:2 str:3 i16:5',
    'NOT_EQUAL': 'i8:2 str:3 i16:4', 'LESS': 'i8:2 i16:3',
    'GREATER_EQUAL': 'i8:2 i16:3', 'MAXIMUM': 'i8:2 i16:4',
    'MINIMUM': 'i8:2 i16:4', 'ARG_MAX': 'i8:2 bool:3',
    'ARG_MIN': 'i8:2 bool:3', 'TOPK_V2': 'i8:2 i16:3', 'TILE': 'i8:3 str:2',
    'SPACE_TO_BATCH_ND': 'i8:2 i16:4', 'BATCH_TO_SPACE_ND': 'i8:2 i16:4',
    'REVERSE_V2': 'i8:3 bool:2', 'BROADCAST_TO': '*:2 i8:3 i16:3',
    'FLOOR_DIV': 'f32:2 i8:3 i16:3', 'FLOOR_MOD': 'i8:2 i16:2',
    'L2_NORMALIZATION': 'i8:2', 'RANGE': 'i64:2',
}


def first_version(o):
    """Where to begin looking for a version that LiteRT accepts."""
    if o.version is not None:
        return o.version
    rules = dict(r.split(':') for r in VERSIONS.get(o.name, '').split())
    dtype = o.inputs[0].dtype if o.inputs and o.inputs[0] else ''
    return int(rules.get(dtype, rules.get('*', 1)))


class Buffer(S.BufferT):
    """A buffer whose data begins at a multiple of 16 bytes in the file."""

    def Pack(self, builder):
        where = None
        if self.data is not None:
            builder.StartVector(1, len(self.data), 16)
            builder.head -= len(self.data)
            end = builder.head + len(self.data)
            builder.Bytes[builder.head:end] = self.data
            where = builder.EndVector()
        S.BufferStart(builder)
        if where is not None:
            S.BufferAddData(builder, where)
        return S.BufferEnd(builder)


class Builder:
    """Turns the subgraphs of a case into a file."""

    def __init__(self, c, bump):
        self.rng = np.random.default_rng(zlib.crc32(c.name.encode()) ^ 0x5eed)
        self.model = S.ModelT()
        self.model.version = 3
        self.model.buffers = [Buffer()]
        self.model.operatorCodes = []
        self.codes, self.blobs, self.bump = {}, {}, bump
        self.model.subgraphs = [self.subgraph(g) for g in c.graphs]

    def opcode(self, o):
        key = (o.name, first_version(o) + (self.bump if o.version is None
                                           else 0))
        if key not in self.codes:
            oc = S.OperatorCodeT()
            number = (getattr(S.BuiltinOperator, o.name) if o.builtin
                      else S.BuiltinOperator.CUSTOM)
            oc.deprecatedBuiltinCode = min(number, 127)
            oc.builtinCode = number
            oc.version = key[1]
            if not o.builtin:
                oc.customCode, oc.version = o.name, 1
            self.codes[key] = len(self.model.operatorCodes)
            self.model.operatorCodes.append(oc)
        return self.codes[key]

    def buffer(self, data):
        if data not in self.blobs:
            b = Buffer()
            b.data = data
            self.blobs[data] = len(self.model.buffers)
            self.model.buffers.append(b)
        return self.blobs[data]

    def tensor(self, x):
        y = S.TensorT()
        y.shape, y.type, y.name = x.shape, code(x.dtype), x.name
        y.shapeSignature, y.isVariable = x.signature, x.variable
        y.hasRank = bool(x.signature)
        y.sparsity = x.sparsity
        if x.data is not None:
            if isinstance(x.data, (str, tuple)):
                how = x.data if isinstance(x.data, tuple) else None
                x.data = random_values(self.rng, x, how)
            y.buffer = self.buffer(to_bytes(x.data, x.dtype))
        else:
            y.buffer = 0
        if x.scale is not None:
            q = y.quantization = S.QuantizationParametersT()
            q.scale, q.zeroPoint = x.scale, x.zero_point
            q.quantizedDimension = x.axis
        return y

    def subgraph(self, g):
        sub, index = S.SubGraphT(), {}
        sub.tensors, sub.operators = [], []

        def ids(tensors):
            for x in tensors:
                if x is not None and id(x) not in index:
                    index[id(x)] = len(sub.tensors)
                    sub.tensors.append(self.tensor(x))
                    if x.blocks:
                        q = S.QuantizationParametersT()
                        d = q.details = S.BlockwiseQuantizationT()
                        q.detailsType = (
                            S.QuantizationDetails.BlockwiseQuantization)
                        sub.tensors[-1].quantization = q
                        d.scales, d.zeroPoints = ids([x.blocks[0]])[0], -1
                        d.blockSize = x.blocks[1]
            return [-1 if x is None else index[id(x)] for x in tensors]

        sub.inputs = ids(g.inputs)
        for o in g.ops:
            p = S.OperatorT()
            p.opcodeIndex = self.opcode(o)
            p.inputs, p.outputs = ids(o.inputs), ids(o.outputs)
            if o.intermediates:
                p.intermediates = ids(o.intermediates)
            if o.options is not None:
                kind = type(o.options).__name__[:-1]
                if hasattr(S.BuiltinOptions, kind):
                    p.builtinOptionsType = getattr(S.BuiltinOptions, kind)
                    p.builtinOptions = o.options
                else:
                    p.builtinOptions2Type = getattr(S.BuiltinOptions2, kind)
                    p.builtinOptions2 = o.options
            if o.custom_options is not None:
                p.customOptions = list(o.custom_options)
            sub.operators.append(p)
        sub.outputs = ids(g.outputs)
        return sub

    def bytes(self):
        b = flatbuffers.Builder(1024)
        b.Finish(self.model.Pack(b), b'TFL3')
        return bytes(b.Output())


def make_feeds(c):
    """The inputs of every step."""
    rng = np.random.default_rng(zlib.crc32(c.name.encode()))
    steps = []
    for step in range(c.steps):
        values = []
        for x in c.graphs[0].inputs:
            how = x.feed
            if callable(how):
                how = how(rng, step)
            if how is None or isinstance(how, tuple):
                v = random_values(rng, x, how)
            else:
                v = np.asarray(how, x.numpy_type)
            values.append(v)
        steps.append(values)
    return steps


def interpreter(content, kernels=OpResolverType.BUILTIN_REF):
    it = Interpreter(model_content=content,
                     experimental_op_resolver_type=kernels)
    it.allocate_tensors()
    return it


def prepare(c):
    """(file, kernels, interpreter) that work together.

    Tries higher operator versions until one is registered, first with the
    reference kernels, then, for operators that these lack, with the default
    kernels without delegates.
    """
    both = (OpResolverType.BUILTIN_REF,
            OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    for kernels in both[1:] if c.default_kernels else both:
        for bump in range(8):
            content = Builder(c, bump).bytes()
            try:
                return content, kernels, interpreter(content, kernels)
            except (RuntimeError, ValueError) as e:
                if "Didn't find op" not in str(e):
                    raise
    raise RuntimeError('no kernel of this name and version')


def run(it, c, feeds):
    """Invokes once per step and returns [[outputs] ...]."""
    if any(d['op_name'] == 'DELEGATE' for d in it._get_ops_details()):
        raise RuntimeError('a delegate was applied')
    ins, outs = it.get_input_details(), it.get_output_details()
    results = []
    for values in feeds:
        for d, v in zip(ins, values):
            it.set_tensor(d['index'], v)
        it.invoke()
        results.append([np.array(it.get_tensor(d['index'])) for d in outs])
    return results


def evaluate(c):
    """Runs a case: (model bytes, feeds, results)."""
    content, kernels, it = prepare(c)
    feeds = make_feeds(c)
    results = run(it, c, feeds)
    again = interpreter(content, kernels)
    for a, b in zip(results, run(again, c, feeds)):
        for x, y, o in zip(a, b, c.graphs[0].outputs):
            if to_bytes(x, o.dtype) != to_bytes(y, o.dtype):
                raise RuntimeError('two runs give different results')
    return content, feeds, results
