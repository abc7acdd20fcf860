"""Arithmetic, comparison and logical operators of two inputs."""
from singleop import NONE, RELU, RELU6, RELU_N1_TO_1, S, case, const, t

ACTS = {'none': NONE, 'relu': RELU, 'relu6': RELU6, 'n1to1': RELU_N1_TO_1}
# name, left shape, right shape, result
SHAPES = {
    'same': ([2, 3, 4], [2, 3, 4], [2, 3, 4]),
    'scalar': ([3, 5], [], [3, 5]),
    'one': ([1], [2, 3, 3], [2, 3, 3]),
    'row': ([2, 3, 4], [4], [2, 3, 4]),
    'middle': ([2, 3, 4], [2, 1, 4], [2, 3, 4]),
    'both': ([2, 1, 4], [1, 3, 1], [2, 3, 4]),
    'rank4': ([2, 1, 3, 1], [1, 2, 1, 4], [2, 2, 3, 4]),
    'rank5': ([1, 2, 1, 3, 2], [2, 1, 2, 1, 2], [2, 2, 2, 3, 2]),
}
FEW = ('same', 'scalar', 'both', 'rank5')
# scale and zero point of the left input, the right input and the output
PARAMS = {
    'i8': ((0.05, -3), (0.031, 11), (0.07, 5)),
    'u8': ((0.05, 119), (0.031, 140), (0.07, 131)),
    'i16': ((0.0003, 0), (0.00017, 0), (0.0004, 0)),
}
OPTIONS = {'ADD': S.AddOptionsT, 'SUB': S.SubOptionsT, 'MUL': S.MulOptionsT,
           'DIV': S.DivOptionsT, 'SQUARED_DIFFERENCE': None}


def binary(name, op, dtype, shapes, act=NONE, params=None, quant=True,
           out_type=None, feeds=(None, None), pot=True, exact=None,
           fixed=False):
    """fixed makes the right input a constant."""
    p = params or PARAMS.get(dtype)
    p = p if p and quant else ((None, None),) * 3
    a = t(shapes[0], dtype, *p[0], feed=feeds[0])
    b = t(shapes[1], dtype, *p[1], feed=feeds[1])
    if fixed:
        b.data, b.feed = feeds[1] or 'random', None
    out_type = out_type or dtype
    y = t(shapes[2], out_type, *(p[2] if out_type == dtype else ()))
    o = None
    if OPTIONS.get(op):
        o = OPTIONS[op]()
        o.fusedActivationFunction = act
        if op in ('ADD', 'SUB'):
            o.potScaleInt16 = pot
    return case(name, op, [a, b], [y], o, exact=exact)


def divisors(shape, lo, hi, zero=0):
    def feed(rng, step):
        v = rng.integers(lo, hi, shape, endpoint=True)
        return v + (v == zero)
    return feed


def few(shape, zero=0):
    """A feed of values near zero, to meet equal ones."""
    return lambda rng, step: rng.integers(zero - 2, zero + 3, shape)


def arithmetic():
    for op in ('ADD', 'SUB', 'MUL'):
        low = op.lower()
        for dtype in ('f32', 'i8', 'u8', 'i16'):
            for s in SHAPES:
                pot = dtype != 'i16'
                yield binary('%s_%s_%s' % (low, dtype, s), op, dtype,
                             SHAPES[s], pot=pot)
            for a in ('relu', 'relu6', 'n1to1'):
                yield binary('%s_%s_%s' % (low, dtype, a), op, dtype,
                             SHAPES['middle'], ACTS[a], pot=pot)
            yield binary('%s_%s_const' % (low, dtype), op, dtype,
                         SHAPES['row'], RELU6, pot=pot, fixed=True)
        for dtype in ('i32', 'i64'):
            for s in FEW:
                yield binary('%s_%s_%s' % (low, dtype, s), op, dtype,
                             SHAPES[s])
            yield binary('%s_%s_relu6' % (low, dtype), op, dtype,
                         SHAPES['both'], RELU6, feeds=((-9, 9), (-9, 9)))
        # other ratios of scales
        wide = {
            'i8': {'saturate': ((0.1, 4), (0.2, -9), (0.02, 1)),
                   'equal': ((0.5, -128), (0.5, -128), (0.5, -128)),
                   'far': ((0.001, 0), (0.9, 17), (0.9, -100)),
                   'small': ((0.02, 127), (0.013, -1), (0.9, 0))},
            'u8': {'saturate': ((0.1, 4), (0.2, 200), (0.02, 128)),
                   'equal': ((0.5, 0), (0.5, 0), (0.5, 0)),
                   'far': ((0.001, 128), (0.9, 17), (0.9, 100))},
        }
        for dtype in wide:
            for k, p in wide[dtype].items():
                yield binary('%s_%s_%s' % (low, dtype, k), op, dtype,
                             SHAPES['row'], params=p)

    def p2(*e):
        return tuple((2.0 ** k, 0) for k in e)

    for op in ('ADD', 'SUB'):
        low = op.lower()
        for k, e in {'same': (-12, -12, -12), 'shift1': (-13, -11, -11),
                     'shift2': (-10, -14, -10)}.items():
            if op == 'ADD':  # aborts
                continue
            yield binary('%s_i16_pot_%s' % (low, k), op, 'i16',
                         SHAPES['middle'], params=p2(*e))
        yield binary('%s_i16_pot_general' % low, op, 'i16', SHAPES['both'],
                     params=p2(-12, -12, -11), pot=False)
        yield binary('%s_i16_nonpot_flag' % low, op, 'i16', SHAPES['row'])
    for s in FEW:
        yield binary('add_i16_plain_%s' % s, 'ADD', 'i16', SHAPES[s],
                     quant=False, feeds=((-9999, 9999),) * 2)
        yield binary('mul_i16_plain_%s' % s, 'MUL', 'i16', SHAPES[s],
                     quant=False, feeds=((-150, 150),) * 2)
        yield binary('mul_u32_%s' % s, 'MUL', 'u32', SHAPES[s])
        yield binary('mul_c64_%s' % s, 'MUL', 'c64', SHAPES[s])
    for s in SHAPES:
        yield binary('div_f32_%s' % s, 'DIV', 'f32', SHAPES[s],
                     feeds=(None, (0.2, 3)))
        yield binary('div_i32_%s' % s, 'DIV', 'i32', SHAPES[s],
                     feeds=(None, divisors(SHAPES[s][1], -30, 30)))
        yield binary('div_u8_%s' % s, 'DIV', 'u8', SHAPES[s],
                     feeds=(None, divisors(SHAPES[s][1], 0, 255, 140)))
    for a in ('relu', 'relu6', 'n1to1'):
        yield binary('div_f32_%s' % a, 'DIV', 'f32', SHAPES['row'], ACTS[a],
                     feeds=(None, (-3, -0.2)))
        yield binary('div_i32_%s' % a, 'DIV', 'i32', SHAPES['row'], ACTS[a],
                     feeds=(None, (3, 30)))
        yield binary('div_u8_%s' % a, 'DIV', 'u8', SHAPES['row'], ACTS[a],
                     feeds=(None, (141, 255)))
    for s in FEW:
        for dtype in ('f32', 'i32', 'i8'):
            yield binary('sqdiff_%s_%s' % (dtype, s), 'SQUARED_DIFFERENCE',
                         dtype, SHAPES[s])
    yield binary('sqdiff_i8_wide', 'SQUARED_DIFFERENCE', 'i8', SHAPES['row'],
                 params=((0.02, 4), (0.025, -9), (0.1, -128)))


def others():
    same = {'i8': ((0.05, -3),) * 3, 'u8': ((0.05, 119),) * 3,
            'i16': ((0.0003, 0),) * 3}
    for op in ('MAXIMUM', 'MINIMUM'):
        for dtype in ('f32', 'i8', 'u8', 'i16', 'i32', 'i64'):
            for s in ('same', 'scalar', 'row', 'both', 'rank5'):
                yield binary('%s_%s_%s' % (op.lower(), dtype, s), op, dtype,
                             SHAPES[s], params=same.get(dtype), exact=True)
    for s in FEW:
        yield binary('pow_f32_%s' % s, 'POW', 'f32', SHAPES[s],
                     feeds=((0, 4), (-2, 3)))
        yield binary('pow_i32_%s' % s, 'POW', 'i32', SHAPES[s],
                     feeds=((-5, 5), (0, 6)))
    for op in ('FLOOR_DIV', 'FLOOR_MOD'):
        low = op.lower()
        for s in FEW:
            for dtype, n in (('i8', 127), ('i16', 300), ('i32', 40),
                             ('i64', 40)):
                if dtype == 'i64' and op == 'FLOOR_DIV':
                    continue
                yield binary('%s_%s_%s' % (low, dtype, s), op, dtype,
                             SHAPES[s], quant=False,
                             feeds=(None, divisors(SHAPES[s][1], -n, n - 1)))
            yield binary('%s_f32_%s' % (low, s), op, 'f32', SHAPES[s],
                         feeds=(None, (0.3, 3)))
            yield binary('%s_f32_neg_%s' % (low, s), op, 'f32', SHAPES[s],
                         feeds=(None, (-3, -0.3)))
    for op in ('EQUAL', 'NOT_EQUAL', 'GREATER', 'GREATER_EQUAL', 'LESS',
               'LESS_EQUAL'):
        low = op.lower()
        for dtype in ('f32', 'i8', 'u8', 'i32', 'i64'):
            for k in ('same', 'row', 'both', 'rank4'):
                shapes = SHAPES[k]
                feeds = None, None
                if dtype not in ('i8', 'u8'):
                    feeds = few(shapes[0]), few(shapes[1])
                elif k != 'rank4':
                    zero = same[dtype][0][1]
                    feeds = few(shapes[0], zero), few(shapes[1], zero)
                yield binary('%s_%s_%s' % (low, dtype, k), op, dtype, shapes,
                             out_type='bool', feeds=feeds,
                             params=same.get(dtype))
                if dtype in ('i8', 'u8'):
                    yield binary('%s_%s_scales_%s' % (low, dtype, k), op,
                                 dtype, shapes, out_type='bool')
        if op == 'NOT_EQUAL':  # int16 leaves the output unset
            continue
        yield binary('%s_i16_same' % low, op, 'i16', SHAPES['same'],
                     out_type='bool', quant=False, feeds=((-2, 2), (-2, 2)))
        yield binary('%s_i16_both' % low, op, 'i16', SHAPES['both'],
                     out_type='bool', quant=False)
    for op in ('EQUAL', 'NOT_EQUAL'):
        for s in ('same', 'row'):
            yield binary('%s_bool_%s' % (op.lower(), s), op, 'bool', SHAPES[s])
        words = [['a', 'bc', ''], ['bc', 'a', 'xyz']]
        x = t([2, 3], 'str', feed=words)
        y = t([2, 3], 'str', feed=[['a', 'b', ''], ['bc', 'aa', 'xyz']])
        yield case('%s_str' % op.lower(), op, [x, y], [t([2, 3], 'bool')])
        yield case('%s_str_row' % op.lower(), op,
                   [t([2, 3], 'str', feed=words), const(['bc', 'a', ''], 'str')],
                   [t([2, 3], 'bool')])
    for op in ('LOGICAL_AND', 'LOGICAL_OR'):
        for s in ('same', 'scalar', 'row', 'both', 'rank4'):
            yield binary('%s_%s' % (op.lower(), s), op, 'bool', SHAPES[s])
    yield case('logical_not', 'LOGICAL_NOT', [t([2, 7], 'bool')],
               [t([2, 7], 'bool')])


def cases():
    yield from arithmetic()
    yield from others()
