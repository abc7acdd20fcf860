"""Pooling, reductions, arg min/max, CUMSUM and TOPK_V2."""
from singleop import (NONE, RELU, RELU6, RELU_N1_TO_1, SAME, VALID, S, case,
                      code, const, t)

ACTS = {'none': NONE, 'relu': RELU, 'relu6': RELU6, 'n1to1': RELU_N1_TO_1}
QUANT = {'i8': (0.05, -9), 'u8': (0.05, 121), 'i16': (0.0003, 0)}


def q(dtype):
    return QUANT.get(dtype, ())


def pools():
    # name, NHWC, filter HW, stride HW, padding, out HW
    grid = [('k2s2_valid', (1, 4, 6, 2), (2, 2), (2, 2), VALID, (2, 3)),
            ('k2s2_same', (1, 5, 5, 2), (2, 2), (2, 2), SAME, (3, 3)),
            ('k3s1_same', (1, 4, 5, 3), (3, 3), (1, 1), SAME, (4, 5)),
            ('k3s2_same', (2, 5, 6, 1), (3, 3), (2, 2), SAME, (3, 3)),
            ('k3x2_valid', (1, 5, 4, 2), (3, 2), (1, 2), VALID, (3, 2)),
            ('whole', (1, 5, 7, 3), (5, 7), (1, 1), VALID, (1, 1)),
            ('large', (1, 3, 3, 2), (5, 5), (2, 2), SAME, (2, 2))]
    for op in ('AVERAGE_POOL_2D', 'MAX_POOL_2D', 'L2_POOL_2D'):
        for dtype in ('f32', 'i8', 'u8', 'i16'):
            if op == 'L2_POOL_2D' and dtype != 'f32':
                continue
            for i, (n, x, k, s, p, out) in enumerate(grid):
                for act in ACTS if i in (0, 2) else ('none',):
                    o = S.Pool2DOptionsT()
                    o.padding, o.strideH, o.strideW = p, *s
                    o.filterHeight, o.filterWidth = k
                    o.fusedActivationFunction = ACTS[act]
                    yield case('%s_%s_%s_%s' % (op[:-8].lower(), dtype, n,
                                                act), op,
                               [t(x, dtype, *q(dtype))],
                               [t([x[0], *out, x[3]], dtype, *q(dtype))], o)


def reduced(shape, axes, keep):
    axes = [a % len(shape) for a in axes]
    if keep:
        return [1 if i in axes else n for i, n in enumerate(shape)]
    return [n for i, n in enumerate(shape) if i not in axes]


def reduce_case(name, op, dtype, shape, axes, keep, inp=None, out=None,
                feed=None, scalar_axis=False):
    o = S.ReducerOptionsT()
    o.keepDims = keep
    inp = q(dtype) if inp is None else inp
    out = inp if out is None else out
    axis = const(axes[0] if scalar_axis else axes)
    c = case(name, op, [t(shape, dtype, *inp, feed=feed), axis],
             [t(reduced(shape, axes, keep), dtype, *out)], o)
    # The reference kernel reads its sums in the wrong type.
    c.default_kernels = op == 'SUM' and dtype in ('i8', 'i16')
    return c


def mostly(value):
    """A feed of truth values, nine of ten the same."""
    return lambda shape: lambda rng, step: (rng.random(shape) < 0.9) == value


def reductions():
    grid = [('last', [2, 3, 5], [-1], False), ('first', [4, 3], [0], True),
            ('hw', [2, 3, 4, 3], [1, 2], False),
            ('hw_keep', [1, 4, 3, 5], [1, 2], True),
            ('mid', [2, 5, 3], [1], False),
            ('outer', [2, 3, 2, 2], [0, 3], False),
            ('all', [3, 4], [0, 1], False),
            ('rank5', [2, 2, 3, 1, 2], [1, -1], False)]
    kinds = {'MEAN': 'f32 i8 u8 i16 i32 i64', 'SUM': 'f32 i8 u8 i16 i32 i64',
             'REDUCE_MAX': 'f32 i8 u8 i16 i32 i64',
             'REDUCE_MIN': 'f32 i8 u8 i16 i32 i64',
             'REDUCE_PROD': 'f32 i8 i16 i32 i64', 'REDUCE_ANY': 'bool',
             'REDUCE_ALL': 'bool'}
    for op, types in kinds.items():
        for dtype in types.split():
            feed = None
            if op in ('REDUCE_ANY', 'REDUCE_ALL'):
                feed = mostly(op == 'REDUCE_ALL')
            if op == 'REDUCE_PROD':
                if dtype in ('i32', 'i64'):
                    feed = (-4, 4)
                elif dtype == 'f32':
                    feed = (-1.6, 1.6)
            for n, shape, axes, keep in grid:
                if op == 'REDUCE_PROD' and n == 'all' and dtype == 'i32':
                    feed = (-2, 2)
                yield reduce_case('%s_%s_%s' % (op.lower(), dtype, n), op,
                                  dtype, shape, axes, keep,
                                  feed=feed and feed(shape)
                                  if dtype == 'bool' else feed)
    for op in ('MEAN', 'SUM'):
        for dtype in ('i8', 'u8', 'i16'):
            s, z = QUANT[dtype]
            for n, shape, axes, keep in grid[:5]:
                for k, ratio in (('up', 0.6), ('down', 2.3)):
                    out = s * ratio * (8 if op == 'SUM' else 1), z and z + 5
                    if op == 'SUM' and dtype == 'i16':
                        continue  # int16 sums keep the scale
                    yield reduce_case('%s_%s_%s_%s' % (op.lower(), dtype, n,
                                                       k),
                                      op, dtype, shape, axes, keep, out=out)
    for op in ('MEAN', 'REDUCE_MAX'):
        yield reduce_case(op.lower() + '_scalar_axis', op, 'f32', [3, 4], [1],
                          False, scalar_axis=True)
    for n, shape, axes, keep in grid[:3]:
        for dtype in ('i8', 'i16'):
            k = 256 if dtype == 'i16' else 1
            z = 3 if dtype == 'i8' else 0
            yield reduce_case('reduce_prod_%s_scaled_%s' % (dtype, n),
                              'REDUCE_PROD', dtype, shape, axes, keep,
                              inp=(0.01 / k, z), out=(0.008 / k, z))


def indices():
    for op, options in (('ARG_MAX', S.ArgMaxOptionsT),
                        ('ARG_MIN', S.ArgMinOptionsT)):
        for dtype in ('f32', 'i8', 'u8', 'i32', 'bool'):
            for n, shape, axis, out in (('last', [2, 3, 5], -1, 'i32'),
                                        ('first', [4, 3], 0, 'i64'),
                                        ('mid', [2, 6, 2], 1, 'i32'),
                                        ('rank4', [1, 2, 3, 4], 2, 'i64'),
                                        ('rank1', [9], 0, 'i32')):
                o = options()
                o.outputType = code(out)
                # few values, so that some are equal
                feed = {'f32': (-3, 3), 'u8': (120, 123),
                        'bool': None}.get(dtype, (-3, 3))
                yield case('%s_%s_%s' % (op.lower(), dtype, n), op,
                           [t(shape, dtype, *q(dtype), feed=feed),
                            const(axis)],
                           [t(reduced(shape, [axis], False), out)], o)
    for dtype in ('f32', 'i32', 'i64'):
        for n, axis in (('first', 0), ('last', -1), ('mid', 1)):
            for exclusive in (False, True):
                for reverse in (False, True):
                    o = S.CumsumOptionsT()
                    o.exclusive, o.reverse = exclusive, reverse
                    yield case('cumsum_%s_%s_%d%d' % (dtype, n, exclusive,
                                                      reverse), 'CUMSUM',
                               [t([2, 3, 4], dtype), const(axis)],
                               [t([2, 3, 4], dtype)], o)
    for dtype in ('f32', 'i8', 'u8', 'i16', 'i32', 'i64'):
        for n, shape, k in (('vector', [9], 4), ('rows', [2, 6], 3),
                            ('rank3', [2, 2, 5], 5), ('one', [3, 4], 1)):
            for equal in (False, True):
                feed = None
                if equal:
                    feed = (120, 124) if dtype == 'u8' else (-2, 2)
                    if dtype == 'f32':
                        continue
                out = shape[:-1] + [k]
                yield case('topk_%s_%s%s' % (dtype, n, '_equal' * equal),
                           'TOPK_V2',
                           [t(shape, dtype, *q(dtype), feed=feed), const(k)],
                           [t(out, dtype, *q(dtype)), t(out, 'i32')],
                           S.TopKV2OptionsT(), exact=True)
    yield case('topk_fed', 'TOPK_V2', [t([2, 5]), t([], 'i32', feed=3)],
               [t([2, 3]), t([2, 3], 'i32')], S.TopKV2OptionsT(), exact=True)
    yield case('topk_i16_index', 'TOPK_V2', [t([2, 5]), const(2, 'i16')],
               [t([2, 2]), t([2, 2], 'i16')], S.TopKV2OptionsT(), exact=True)


def cases():
    yield from pools()
    yield from reductions()
    yield from indices()
