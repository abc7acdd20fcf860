"""Operators of one input, activations, softmax and normalisation."""
from singleop import S, case, t

SHAPE = [2, 3, 8]
LOGISTIC_OUT = {'i8': (1 / 256, -128), 'u8': (1 / 256, 0),
                'i16': (1 / 32768, 0)}
TANH_OUT = {'i8': (1 / 128, 0), 'u8': (1 / 128, 128), 'i16': (1 / 32768, 0)}
ZERO = {'i8': -9, 'u8': 121, 'i16': 0}


def unary(name, op, dtype, inp=(), out=(), options=None, shape=SHAPE,
          feed=None, exact=None, version=None):
    return case(name, op, [t(shape, dtype, *inp, feed=feed)],
                [t(shape, dtype, *out)], options, exact=exact,
                version=version)


def relus():
    for op in ('RELU', 'RELU6', 'RELU_N1_TO_1', 'RELU_0_TO_1'):
        low = op.lower()
        yield unary(low + '_f32', op, 'f32', exact=True)
        for dtype in ('i8', 'u8', 'i16'):
            if dtype == 'i16' and op in ('RELU_N1_TO_1', 'RELU_0_TO_1'):
                continue
            z = ZERO[dtype]
            k = 256 if dtype == 'i16' else 1
            grid = {'same': ((0.05 / k, z), (0.05 / k, z)),
                    'up': ((0.07 / k, z), (0.03 / k, z + 8 * (z != 0))),
                    'down': ((0.021 / k, z), (0.05 / k, z)),
                    'big': ((0.4 / k, z), (0.3 / k, z)),
                    'zeroout': ((0.07 / k, z), (0.05 / k, -128 if z < 0
                                                else 0))}
            for g, (i, o) in grid.items():
                yield unary('%s_%s_%s' % (low, dtype, g), op, dtype, i, o)
    for alpha in (0.0, 0.2, 1.0, 1.7, -0.3):
        a = S.LeakyReluOptionsT()
        a.alpha = alpha
        tag = str(alpha).replace('.', '_').replace('-', 'm')
        yield unary('leaky_f32_' + tag, 'LEAKY_RELU', 'f32', (), (), a)
        for dtype in ('i8', 'u8', 'i16'):
            z = ZERO[dtype]
            k = 256 if dtype == 'i16' else 1
            yield unary('leaky_%s_%s' % (dtype, tag), 'LEAKY_RELU', dtype,
                        (0.05 / k, z), (0.04 / k, z // 2), a)
            yield unary('leaky_%s_down_%s' % (dtype, tag), 'LEAKY_RELU', dtype,
                        (0.02 / k, z), (0.05 / k, z), a)


def prelu():
    alphas = {'channel': [8], 'full': [2, 3, 8], 'spatial': [3, 1],
              'scalar': [1]}
    for k, s in alphas.items():
        yield case('prelu_f32_' + k, 'PRELU',
                   [t(SHAPE), t(s, data=(-1, 1))], [t(SHAPE)])
        yield case('prelu_i8_' + k, 'PRELU',
                   [t(SHAPE, 'i8', 0.05, -9),
                    t(s, 'i8', 0.011, 20, data='random')],
                   [t(SHAPE, 'i8', 0.06, 12)])
        yield case('prelu_u8_' + k, 'PRELU',
                   [t(SHAPE, 'u8', 0.05, 121),
                    t(s, 'u8', 0.011, 130, data='random')],
                   [t(SHAPE, 'u8', 0.06, 140)])
    yield case('prelu_f32_fed', 'PRELU', [t(SHAPE), t([8])], [t(SHAPE)])
    yield case('prelu_i8_up', 'PRELU',
               [t(SHAPE, 'i8', 0.05, -9), t([8], 'i8', 0.02, 0,
                                            data='random')],
               [t(SHAPE, 'i8', 0.02, 0)])


def smooth():
    inputs = {'narrow': 0.01, 'mid': 0.04, 'wide': 0.11}
    for op, outs in (('LOGISTIC', LOGISTIC_OUT), ('TANH', TANH_OUT)):
        low = op.lower()
        yield unary(low + '_f32', op, 'f32')
        yield unary(low + '_f32_far', op, 'f32', feed=(-40, 40))
        for dtype in ('i8', 'u8', 'i16'):
            for k, s in inputs.items():
                s = s / 128 if dtype == 'i16' else s
                yield unary('%s_%s_%s' % (low, dtype, k), op, dtype,
                            (s, ZERO[dtype]), outs[dtype])
            if dtype != 'i16':
                edge = -128 if dtype == 'i8' else 0
                yield unary('%s_%s_edge' % (low, dtype), op, dtype,
                            (0.05, edge), outs[dtype], shape=[256],
                            feed=range(edge, edge + 256))
        for e in (-10, -11, -12, -13, -14):
            yield unary('%s_i16_pot%d' % (low, -e), op, 'i16', (2.0 ** e, 0),
                        outs['i16'])
    yield unary('elu_f32', 'ELU', 'f32')
    for k, s in inputs.items():
        yield unary('elu_i8_' + k, 'ELU', 'i8', (s, -9), (s * 0.9, -20))
    for approximate in (False, True):
        o = S.GeluOptionsT()
        o.approximate = approximate
        tag = 'tanh' if approximate else 'erf'
        yield unary('gelu_f32_' + tag, 'GELU', 'f32', options=o)
        for dtype in ('i8', 'u8'):
            for k, s in inputs.items():
                z = ZERO[dtype]
                yield unary('gelu_%s_%s_%s' % (dtype, tag, k), 'GELU', dtype,
                            (s, z), (s * 0.8, z - 30), o)
    yield unary('hard_swish_f32', 'HARD_SWISH', 'f32')
    yield unary('hard_swish_f32_edge', 'HARD_SWISH', 'f32', shape=[9],
                feed=[-4, -3, -2.9999, -1, 0, 1, 2.9999, 3, 4])
    for dtype in ('i8', 'u8'):
        z = ZERO[dtype]
        for k, s in inputs.items():
            for r, ratio in (('same', 1.0), ('finer', 0.55), ('coarse', 1.9)):
                yield unary('hard_swish_%s_%s_%s' % (dtype, k, r),
                            'HARD_SWISH', dtype, (s, z), (s * ratio, z - 5))
        yield unary('hard_swish_%s_all' % dtype, 'HARD_SWISH', dtype,
                    (0.047, z), (0.036, z - 90), shape=[256],
                    feed=range(-128, 128) if dtype == 'i8' else range(256))


def softmaxes():
    shapes = {'vector': [2, 5], 'one': [1, 1], 'rank1': [7],
              'rank3': [2, 2, 4], 'rank4': [1, 2, 2, 3], 'long': [1, 40]}
    for k, shape in shapes.items():
        for beta in (1.0, 0.5) if k in ('vector', 'rank4') else (1.0,):
            o = S.SoftmaxOptionsT()
            o.beta = beta
            tag = k + ('' if beta == 1 else '_beta')
            yield unary('softmax_f32_' + tag, 'SOFTMAX', 'f32', options=o,
                        shape=shape)
            for dtype in ('i8', 'u8', 'i16'):
                for n, s in (('fine', 0.02), ('mid', 0.1), ('wide', 0.4)):
                    s = s / 200 if dtype == 'i16' else s
                    yield unary('softmax_%s_%s_%s' % (dtype, tag, n),
                                'SOFTMAX', dtype, (s, ZERO[dtype]),
                                LOGISTIC_OUT[dtype], o, shape)
            if k != 'one':
                y = t(shape, 'i16', 1 / 65536, -32768)
                x = t(shape, 'i8', 0.08, 3)
                yield case('softmax_i8_i16_' + tag, 'SOFTMAX', [x], [y], o)
    for k, shape in shapes.items():
        yield unary('log_softmax_f32_' + k, 'LOG_SOFTMAX', 'f32', shape=shape)
        for n, s in (('fine', 0.02), ('mid', 0.1), ('wide', 0.4)):
            yield unary('log_softmax_i8_%s_%s' % (k, n), 'LOG_SOFTMAX', 'i8',
                        (s, -9), (16 / 256, 127), shape=shape)
            yield unary('log_softmax_u8_%s_%s' % (k, n), 'LOG_SOFTMAX', 'u8',
                        (s, 121), (16 / 256, 255), shape=shape)
    for k in ('vector', 'rank3', 'rank4', 'long'):
        o = S.L2NormOptionsT()
        shape = shapes[k]
        yield unary('l2_norm_f32_' + k, 'L2_NORMALIZATION', 'f32', options=o,
                    shape=shape)
        yield unary('l2_norm_i8_' + k, 'L2_NORMALIZATION', 'i8', (0.1, -9),
                    (1 / 128, 0), o, shape)
        yield unary('l2_norm_u8_' + k, 'L2_NORMALIZATION', 'u8', (0.1, 121),
                    (1 / 128, 128), o, shape)
    yield unary('l2_norm_f32_zero', 'L2_NORMALIZATION', 'f32',
                options=S.L2NormOptionsT(), shape=[1, 4], feed=[[0, 0, 0, 0]])


def maths():
    positive = (0.01, 9)
    for op, feed in (('EXP', None), ('LOG', positive), ('SQRT', positive),
                     ('RSQRT', positive), ('SQUARE', None), ('ABS', None),
                     ('NEG', None), ('SIN', None), ('COS', None),
                     ('FLOOR', None), ('CEIL', None), ('ROUND', None),
                     ('SIGN', None)):
        exact = op in ('SQUARE', 'ABS', 'NEG', 'FLOOR', 'CEIL', 'ROUND',
                       'SIGN', 'SQRT') or None
        yield unary(op.lower() + '_f32', op, 'f32', feed=feed, exact=exact)
        yield unary(op.lower() + '_f32_scalar', op, 'f32', feed=feed, shape=[],
                    exact=exact)
    halves = [-2.5, -1.5, -0.5, -0.0, 0.0, 0.5, 1.5, 2.5, 3.5, -3.5,
              0.49999997, 8388609.0, -0.2, 2.9999998]
    for op in ('ROUND', 'FLOOR', 'CEIL', 'SIGN', 'ABS', 'NEG'):
        yield unary(op.lower() + '_f32_halves', op, 'f32', shape=[14],
                    feed=halves, exact=True)
    for op, types in (('ABS', 'i16 i32'), ('SIGN', 'i32 f64'),
                      ('NEG', 'i8 i16 i32 i64')):
        for dtype in types.split():
            yield unary('%s_%s' % (op.lower(), dtype), op, dtype, exact=True)
    for op in ('ABS', 'RSQRT', 'SQRT', 'EXP', 'LOG'):
        low = op.lower()
        for dtype in ('i8', 'i16'):
            k = 256 if dtype == 'i16' else 1
            top = 127 * k + k - 1
            z = {'ABS': -9, 'EXP': 0}.get(op, -128) if dtype == 'i8' else 0
            feed = None if op in ('ABS', 'EXP') else (z + 1, top)
            for n, (si, so) in (('a', (0.05, 0.04)), ('b', (0.02, 0.03)),
                                ('c', (0.011, 0.01))):
                yield unary('%s_%s_%s' % (low, dtype, n), op, dtype,
                            (si / k, z), (so / k, -20 if k == 1 else 0),
                            feed=feed)
    for n, so in (('same', 0.05), ('coarse', 0.1)):
        yield unary('abs_i16_' + n, 'ABS', 'i16', (0.05, 0), (so, 0))
        yield unary('abs_i8_' + n, 'ABS', 'i8', (0.05, 4), (so, -128))
    yield unary('rsqrt_i8_zero', 'RSQRT', 'i8', (0.05, -128), (0.02, -128),
                shape=[6], feed=[-128, -127, -100, 0, 100, 127])


def half():
    for op in ('LOGISTIC', 'TANH', 'GELU', 'SIN', 'COS', 'SOFTMAX'):
        o = None
        if op == 'SOFTMAX':
            o = S.SoftmaxOptionsT()
            o.beta = 1.0
        if op == 'GELU':
            o = S.GeluOptionsT()
        c = unary(op.lower() + '_f16', op, 'f16', options=o)
        c.rtol = 1e-3
        yield c


def cases():
    yield from relus()
    yield from prelu()
    yield from smooth()
    yield from softmaxes()
    yield from maths()
    yield from half()
