"""QUANTIZE, DEQUANTIZE, FAKE_QUANT and CAST."""
from singleop import S, case, code, t

HALVES = [-3.0, -2.5, -1.5, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.5, 2.5]
PARAMS = {'i8': (0.05, -9), 'u8': (0.05, 121), 'i16': (0.0003, 0)}


def quantize(name, src, dst, p_in, p_out, shape=(2, 12), feed=None, axis=0):
    return case(name, 'QUANTIZE',
                [t(shape, src, *(p_in or ()), feed=feed)],
                [t(shape, dst, *p_out, axis=axis)], S.QuantizeOptionsT())


def zeros_and_more(rng, step):
    return rng.integers(0, 3, (3, 7)) * 1.75


def casts():
    types = 'f32 f16 f64 i8 u8 i16 u16 i32 u32 i64 bool'.split()
    for a in types:
        for b in types:
            if a == b and a != 'i32':
                continue
            feed = None
            if a in ('f32', 'f16', 'f64'):
                feed = (0 if b[0] == 'u' else -100, 120)
            if b == 'bool' and a != 'u8':
                feed = zeros_and_more
            o = S.CastOptionsT()
            o.inDataType, o.outDataType = code(a), code(b)
            yield case('cast_%s_%s' % (a, b), 'CAST',
                       [t([3, 7], a, feed=feed)], [t([3, 7], b)], o,
                       exact=True)
    for a, b in (('c64', 'f32'), ('f32', 'c64'), ('i32', 'c64')):
        o = S.CastOptionsT()
        o.inDataType, o.outDataType = code(a), code(b)
        yield case('cast_%s_%s' % (a, b), 'CAST', [t([5], a)], [t([5], b)], o,
                   exact=True)
    for b in ('i8', 'u8', 'i16', 'i32', 'i64'):
        o = S.CastOptionsT()
        o.inDataType, o.outDataType = code('f32'), code(b)
        v = [0.4, 0.5, 0.9, 1.0, 1.5, 99.99, 3.0]
        if b[0] == 'i':
            v += [-0.4, -0.5, -0.9, -1.5, -99.99]
        yield case('cast_f32_fractions_' + b, 'CAST',
                   [t([len(v)], 'f32', feed=v)], [t([len(v)], b)], o)


def cases():
    for dst in ('i8', 'u8', 'i16'):
        s, z = PARAMS[dst]
        yield quantize('quantize_f32_' + dst, 'f32', dst, None, (s, z))
        yield quantize('quantize_f32_%s_saturate' % dst, 'f32', dst, None,
                       (s / 9, z))
        yield quantize('quantize_f32_%s_ties' % dst, 'f32', dst, None,
                       (0.5, z), (12,), HALVES)
        yield quantize('quantize_f32_%s_scalar' % dst, 'f32', dst, None,
                       (s, z), ())
        for axis, n in ((0, 3), (1, 4), (2, 2)):
            yield quantize('quantize_f32_%s_axis%d' % (dst, axis), 'f32', dst,
                           None, ([s * (1 + 0.3 * i) for i in range(n)], 0),
                           (3, 4, 2), axis=axis)
        for src in ('i8', 'u8', 'i16', 'i32'):
            if dst == 'u8' and src in ('i16', 'i32'):
                continue
            p, r = PARAMS.get(src, (0.001, 0))
            for k, out in (('same', (p, z if dst != src else r)),
                           ('finer', (p * 0.6, z)), ('coarser', (p * 1.9, z)),
                           ('much', (p * 9.3, z and z + 5))):
                yield quantize('quantize_%s_%s_%s' % (src, dst, k), src, dst,
                               (p, r), out)
            k = {'i16': 1 / 128, 'i32': 1 / 32768}.get(src, 1)
            d = 1 / 128 if dst == 'i16' else 1
            yield quantize('quantize_%s_%s_range' % (src, dst), src, dst,
                           (0.04 * k, r), (0.05 * d, z),
                           feed=(-99999, 99999) if src == 'i32' else None)
    for z_in, z_out in ((-128, 0), (0, 128), (5, 133)):
        yield quantize('quantize_i8_u8_shift_%d' % (z_in + 128), 'i8', 'u8',
                       (0.02, z_in), (0.02, z_out))
        yield quantize('quantize_u8_i8_shift_%d' % z_out, 'u8', 'i8',
                       (0.02, z_out), (0.02, z_in))
    for src, s, z in (('i8', 0.05, -9), ('u8', 0.05, 121), ('i16', 0.0003, 0)):
        for shape in ((2, 12), (), (1, 2, 3, 4)):
            yield case('dequantize_%s_rank%d' % (src, len(shape)),
                       'DEQUANTIZE', [t(shape, src, s, z)], [t(shape)],
                       S.DequantizeOptionsT(), exact=True)
    for axis, n in ((0, 3), (1, 4), (2, 2)):
        scales = [0.05 * (1 + 0.3 * i) for i in range(n)]
        for src, z in (('i8', [3 * i - 4 for i in range(n)]),
                       ('u8', [120 + i for i in range(n)])):
            yield case('dequantize_%s_axis%d' % (src, axis), 'DEQUANTIZE',
                       [t((3, 4, 2), src, scales, z, axis)], [t((3, 4, 2))],
                       S.DequantizeOptionsT(), version=5, exact=True)
    yield case('dequantize_f16', 'DEQUANTIZE', [t((3, 4), 'f16')],
               [t((3, 4))], S.DequantizeOptionsT(), exact=True)
    yield case('dequantize_f16_const', 'DEQUANTIZE',
               [t((3, 4), 'f16', data='random')], [t((3, 4))],
               S.DequantizeOptionsT(), exact=True)
    for n, shape in (('even', (2, 4)), ('odd', (3, 3))):
        yield case('dequantize_i4_' + n, 'DEQUANTIZE',
                   [t(shape, 'i4', 0.3, 0, data='random')], [t(shape)],
                   S.DequantizeOptionsT(), exact=True)
    yield case('dequantize_i4_axis', 'DEQUANTIZE',
               [t((3, 3), 'i4', [0.3, 0.1, 0.2], 0, data='random')],
               [t((3, 3))], S.DequantizeOptionsT(), exact=True)
    for bits in (8, 4, 16):
        for n, lo, hi in (('a', -6.0, 6.0), ('b', 0.0, 5.0),
                          ('c', -1.3, 2.7)):
            o = S.FakeQuantOptionsT()
            o.numBits, o.min, o.max = bits, lo, hi
            yield case('fake_quant_%s_%d' % (n, bits), 'FAKE_QUANT',
                       [t((3, 9))], [t((3, 9))], o)
    yield from casts()
