"""CONV_2D and DEPTHWISE_CONV_2D."""
from singleop import (NONE, RELU, RELU6, RELU_N1_TO_1, SAME, VALID, S, case,
                      code, t)

ACTS = {'none': NONE, 'relu': RELU, 'relu6': RELU6, 'n1to1': RELU_N1_TO_1}
# input zero point, output zero point
ZERO = {'i8': (-5, 7), 'u8': (119, 130), 'i16': (0, 0), 'f32': (0, 0)}


def geometry():
    """name, input NHWC, kernel HW, channels out, padding, stride, dilation."""
    yield 'k3_same', (1, 5, 5, 2), (3, 3), 3, SAME, (1, 1), (1, 1)
    yield 'k3_valid', (1, 5, 6, 2), (3, 3), 3, VALID, (1, 1), (1, 1)
    yield 'k3_s2_same', (1, 6, 7, 2), (3, 3), 2, SAME, (2, 2), (1, 1)
    yield 'k3_s2_valid', (2, 5, 5, 1), (3, 3), 2, VALID, (2, 2), (1, 1)
    yield 'k1', (1, 3, 4, 5), (1, 1), 4, VALID, (1, 1), (1, 1)
    yield 'k1_s2', (1, 5, 4, 3), (1, 1), 5, SAME, (2, 2), (1, 1)
    yield 'k2x3_s1x2', (1, 4, 6, 2), (2, 3), 2, SAME, (1, 2), (1, 1)
    yield 'k3_d2_same', (1, 7, 6, 1), (3, 3), 2, SAME, (1, 1), (2, 2)
    yield 'k3_d2x1_valid', (1, 6, 5, 2), (3, 2), 2, VALID, (1, 1), (2, 1)
    yield 'k5_same', (1, 4, 4, 1), (5, 5), 1, SAME, (1, 1), (1, 1)
    yield 'k4x1_s3', (1, 8, 2, 2), (4, 1), 2, SAME, (3, 1), (1, 1)
    yield 'batch2', (2, 3, 3, 2), (2, 2), 2, SAME, (1, 1), (1, 1)


def out_size(n, k, s, d, padding):
    k = (k - 1) * d + 1
    return (n + s - 1) // s if padding == SAME else (n - k) // s + 1


def scales(n, base=0.01):
    return [base * (0.6 + 0.37 * i) for i in range(n)]


def filters(kind, shape, axis):
    """The filter and bias of a kind, for inputs of scale 0.05."""
    channels = shape[axis]
    per = scales(channels)
    s_in = 0.05
    if kind == 'f32':
        return (t(shape, 'f32', data=(-1, 1)),
                t([channels], 'f32', data=(-1, 1)))
    if kind == 'i8t':
        return (t(shape, 'i8', 0.011, 0, data=(-127, 127)),
                t([channels], 'i32', s_in * 0.011, 0, data=(-4000, 4000)))
    if kind == 'u8':
        return (t(shape, 'u8', 0.012, 117, data='random'),
                t([channels], 'i32', s_in * 0.012, 0, data=(-4000, 4000)))
    if kind in ('hybrid', 'hybrid_t'):
        return (t(shape, 'i8', per if kind == 'hybrid' else 0.011, 0, axis,
                  data=(-127, 127)),
                t([channels], 'f32', data=(-1, 1)))
    wide = kind == 'i16'
    bits4 = kind == 'i4'
    w = t(shape, 'i4' if bits4 else 'i8',
          scales(channels, 0.05) if bits4 else per, 0, axis,
          data=(-7, 7) if bits4 else (-127, 127))
    b = t([channels], 'i64' if wide else 'i32', w.scale * s_in, 0,
          data=(-200, 200) if bits4 else (-4000, 4000))
    return w, b


def shrink(x, filt, bias):
    """Small values, for an output scale below the accumulator's."""
    zero = int(x.zero_point[0])
    x.feed, filt.data, bias.data = (zero - 10, zero + 10), (-1, 1), (-15, 15)
    if filt.zero_point[0]:
        filt.data = (int(filt.zero_point[0]) - 1, int(filt.zero_point[0]) + 1)


def activation_types(kind):
    return {'f32': 'f32', 'hybrid': 'f32', 'hybrid_t': 'f32', 'u8': 'u8',
            'i16': 'i16', 'i16b32': 'i16'}.get(kind, 'i8')


def conv_case(name, kind, in_shape, kernel, cout, padding, stride, dilation,
              act, groups=1, s_out=0.07, small=False):
    dtype = activation_types(kind)
    n, h, w, cin = in_shape
    zi, zo = ZERO[dtype]
    quant = dtype != 'f32'
    filt, b = filters(kind, [cout, *kernel, cin // groups], 0)
    out = [n, out_size(h, kernel[0], stride[0], dilation[0], padding),
           out_size(w, kernel[1], stride[1], dilation[1], padding), cout]
    o = S.Conv2DOptionsT()
    o.padding, o.strideH, o.strideW = padding, *stride
    o.dilationHFactor, o.dilationWFactor = dilation
    o.fusedActivationFunction = act
    if kind == 'i16b32':
        o.quantizedBiasType = code('i32')
    version = {'i16b32': 8, 'hybrid': 5, 'hybrid_t': 2, 'i4': 7}.get(kind)
    if groups > 1:
        version = 6
    s_in = 0.05
    if dtype == 'i16':
        s_in, s_out = 0.0002, s_out / 256
        b.scale = (filt.scale * s_in).astype('float32')
    x = t(in_shape, dtype, s_in if quant else None, zi)
    y = t(out, dtype, s_out if quant else None, zo)
    if small:
        shrink(x, filt, b)
    return case(name, 'CONV_2D', [x, filt, b], [y], o, version)


def depthwise_case(name, kind, in_shape, kernel, mult, padding, stride,
                   dilation, act, bias=True, s_out=0.05, small=False):
    dtype = activation_types(kind)
    n, h, w, cin = in_shape
    zi, zo = ZERO[dtype]
    quant = dtype != 'f32'
    cout = cin * mult
    filt, b = filters(kind, [1, *kernel, cout], 3)
    out = [n, out_size(h, kernel[0], stride[0], dilation[0], padding),
           out_size(w, kernel[1], stride[1], dilation[1], padding), cout]
    o = S.DepthwiseConv2DOptionsT()
    o.padding, o.strideH, o.strideW = padding, *stride
    o.dilationHFactor, o.dilationWFactor = dilation
    o.depthMultiplier, o.fusedActivationFunction = mult, act
    version = {'hybrid': 6}.get(kind)
    s_in = 0.05
    if dtype == 'i16':
        s_in, s_out = 0.0002, s_out / 256
        b.scale = (filt.scale * s_in).astype('float32')
    x = t(in_shape, dtype, s_in if quant else None, zi)
    y = t(out, dtype, s_out if quant else None, zo)
    if small:
        shrink(x, filt, b)
    ins = [x, filt, b] if bias else [x, filt]
    return case(name, 'DEPTHWISE_CONV_2D', ins, [y], o, version)


KINDS = ('f32', 'i8', 'i8t', 'u8', 'i16', 'i16b32', 'hybrid', 'i4')


def cases():
    for kind in KINDS:
        for name, *g in geometry():
            yield conv_case('conv_%s_%s' % (kind, name), kind, *g, NONE)
        shape = ((1, 4, 4, 2), (3, 3), 3, SAME, (1, 1), (1, 1))
        for act in ACTS:
            if act != 'none':
                yield conv_case('conv_%s_%s' % (kind, act), kind, *shape,
                                ACTS[act])
        yield conv_case('conv_%s_groups2' % kind, kind, (1, 3, 3, 4), (2, 2),
                        4, SAME, (1, 1), (1, 1), RELU, groups=2)
        yield conv_case('conv_%s_groups3' % kind, kind, (1, 3, 4, 6), (1, 1),
                        3, VALID, (1, 1), (1, 1), NONE, groups=3)
        if kind not in ('f32', 'hybrid'):
            yield conv_case('conv_%s_saturate' % kind, kind, *shape, NONE,
                            s_out=0.02)
            yield conv_case('conv_%s_tiny' % kind, kind, *shape, NONE,
                            s_out=3.0)
            yield conv_case('conv_%s_gain' % kind, kind, *shape, NONE,
                            s_out=0.0003, small=True)
    for act in ACTS:
        yield conv_case('conv_hybrid_t_%s' % act, 'hybrid_t', *shape,
                        ACTS[act])
    for kind in KINDS:
        if kind == 'i16b32':
            continue
        for name, in_shape, kernel, _, *g in geometry():
            for mult in (1, 2):
                yield depthwise_case('dw_%s_%s_m%d' % (kind, name, mult), kind,
                                     in_shape, kernel, mult, *g, NONE)
        shape = ((1, 4, 4, 3), (3, 3), 1, SAME, (1, 1), (1, 1))
        for act in ACTS:
            if act != 'none':
                yield depthwise_case('dw_%s_%s' % (kind, act), kind, *shape,
                                     ACTS[act])
        yield depthwise_case('dw_%s_nobias' % kind, kind, *shape, RELU,
                             bias=False)
        yield depthwise_case('dw_%s_m8' % kind, kind, (1, 3, 3, 1), (2, 2), 8,
                             SAME, (1, 1), (1, 1), NONE)
        if kind not in ('f32', 'hybrid'):
            yield depthwise_case('dw_%s_saturate' % kind, kind, *shape, NONE,
                                 s_out=0.02)
            yield depthwise_case('dw_%s_gain' % kind, kind, *shape, NONE,
                                 s_out=0.0003, small=True)
