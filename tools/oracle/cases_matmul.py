"""BATCH_MATMUL and the transposed and 3-D convolutions."""
from singleop import NONE, RELU, RELU6, SAME, VALID, S, case, const, t


def matmul(name, kind, batch_x, batch_y, m, k, n, adj_x, adj_y, out,
           const_y=False, s_out=None):
    """kind: f32, i8, i8i32, i16, hybrid, hybrid_asym."""
    o = S.BatchMatMulOptionsT()
    o.adjX, o.adjY = adj_x, adj_y
    xs = batch_x + ([k, m] if adj_x else [m, k])
    ys = batch_y + ([n, k] if adj_y else [k, n])
    ins = {'i8': ('i8', (0.05, -5), 'i8', (0.04, 9), 'i8', (s_out or .2, 4)),
           'i8z': ('i8', (0.05, 0), 'i8', (0.04, 0), 'i8', (s_out or .3, 0)),
           'i8i32': ('i8', (0.05, -5), 'i8', (0.04, 9), 'i32', (0.002, 0)),
           'i16': ('i16', (2e-4, 0), 'i16', (3e-4, 0), 'i16',
                   (s_out or .01, 0)),
           'i16i8': ('i16', (2e-4, 0), 'i8', (0.04, 0), 'i16',
                     (s_out or .002, 0)),
           'f32': ('f32', (), 'f32', (), 'f32', ()),
           'hybrid': ('f32', (), 'i8', (0.04, 0), 'f32', ()),
           'hybrid_asym': ('f32', (), 'i8', (0.04, 0), 'f32', ())}
    xt, xq, yt, yq, ot, oq = ins[kind]
    o.asymmetricQuantizeInputs = kind == 'hybrid_asym'
    y = t(ys, yt, *yq)
    if const_y or kind.startswith('hybrid'):
        y.data = (-127, 127) if yt == 'i8' else 'random'
    version = {'hybrid': 1, 'hybrid_asym': 4}.get(kind)
    return case('matmul_%s_%s' % (kind, name), 'BATCH_MATMUL',
                [t(xs, xt, *xq), y], [t(out + [m, n], ot, *oq)], o, version)


def matmuls():
    shapes = [('2d', [], [], 2, 5, 3, []), ('3d', [2], [2], 2, 4, 3, [2]),
              ('4d', [2, 2], [2, 2], 2, 3, 2, [2, 2]),
              ('broadcast', [2, 1], [1, 3], 2, 3, 2, [2, 3]),
              ('rank', [2], [], 3, 4, 2, [2]), ('row', [1], [1], 1, 9, 4, [1])]
    for kind in ('f32', 'i8', 'i8z', 'i8i32', 'i16', 'i16i8', 'hybrid',
                 'hybrid_asym'):
        for n, *s in shapes:
            for ax, ay in ((False, False), (False, True), (True, False),
                           (True, True)):
                if n not in ('3d', '4d', 'rank') and ax:
                    continue
                if n == 'row' and ay:
                    continue
                yield matmul('%s_%d%d' % (n, ax, ay), kind, *s[:-1], ax, ay,
                             s[-1])
        if not kind.startswith('hybrid'):
            yield matmul('const', kind, [2], [2], 2, 4, 3, False, False, [2],
                         const_y=True)
        if kind in ('i8', 'i16'):
            yield matmul('saturate', kind, [2], [2], 2, 4, 3, False, False,
                         [2], s_out=0.03 if kind == 'i8' else 0.0005)


def transpose_conv(name, kind, in_shape, kernel, cout, padding, stride, out,
                   act=NONE, bias=True, fed=False):
    xt = {'i8': 'i8', 'i8t': 'i8', 'u8': 'u8', 'i16': 'i16'}.get(kind, 'f32')
    quant = xt != 'f32'
    zi, zo = {'i8': (-5, 7), 'u8': (119, 130)}.get(xt, (0, 0))
    s_in, s_out = (2e-4, 0.2 / 256) if xt == 'i16' else (0.05, 0.2)
    shape = [cout, *kernel, in_shape[3]]
    per = [0.01 * (0.6 + 0.37 * i) for i in range(cout)]
    if kind == 'f32':
        w = t(shape, 'f32', data=(-1, 1))
    elif kind == 'u8':
        w = t(shape, 'u8', 0.012, 117, data='random')
    else:
        w = t(shape, 'i8', 0.011 if kind == 'i8t' else per, 0,
              data=(-127, 127))
    b = None
    if bias:
        bt = {'f32': 'f32', 'i16': 'i64'}.get(xt, 'i32')
        b = t([cout], bt, w.scale * s_in if quant else None,
              data=(-1, 1) if bt == 'f32' else (-900, 900))
    o = S.TransposeConvOptionsT()
    o.padding, o.strideH, o.strideW = padding, *stride
    o.fusedActivationFunction = act
    out = [in_shape[0], *out, cout]
    size = t([4], 'i32', feed=out) if fed else const(out)
    ins = [size, w, t(in_shape, xt, s_in if quant else None, zi)]
    return case('transpose_conv_%s_%s' % (kind, name), 'TRANSPOSE_CONV',
                ins + [b] * bias,
                [t(out, xt, s_out if quant else None, zo)], o,
                4 if act else 3 if bias else None)


def transpose_convs():
    for kind in ('f32', 'i8', 'i8t', 'u8', 'i16', 'hybrid'):
        grid = [('k3s1_same', (1, 3, 4, 2), (3, 3), 2, SAME, (1, 1), (3, 4)),
                ('k3s1_valid', (1, 3, 3, 1), (3, 3), 2, VALID, (1, 1), (5, 5)),
                ('k3s2_same', (1, 3, 3, 2), (3, 3), 1, SAME, (2, 2), (6, 6)),
                ('k2s2', (1, 2, 3, 2), (2, 2), 3, VALID, (2, 2), (4, 6)),
                ('k3x2_s2x1', (1, 2, 3, 1), (3, 2), 1, SAME, (2, 1), (3, 3)),
                ('batch2', (2, 2, 2, 2), (2, 2), 2, SAME, (2, 2), (4, 4))]
        for n, *g in grid:
            yield transpose_conv(n, kind, *g)
        yield transpose_conv('nobias', kind, *grid[0][1:], bias=False)
        yield transpose_conv('relu', kind, *grid[0][1:], act=RELU)
        yield transpose_conv('relu6', kind, *grid[3][1:], act=RELU6)
        if kind == 'f32':
            yield transpose_conv('fed_size', kind, *grid[0][1:], fed=True)


def conv3ds():
    for n, a, k, cout, padding, s, d, out in (
            ('same', (1, 3, 3, 3, 2), (2, 2, 2), 2, SAME, (1, 1, 1), 1,
             (3, 3, 3)),
            ('valid', (1, 3, 4, 3, 1), (2, 3, 2), 2, VALID, (1, 1, 1), 1,
             (2, 2, 2)),
            ('stride', (1, 4, 4, 4, 1), (2, 2, 2), 2, SAME, (2, 2, 1), 1,
             (2, 2, 4)),
            ('dilation', (1, 4, 3, 4, 1), (2, 2, 2), 1, SAME, (1, 1, 1), 2,
             (4, 3, 4)),
            ('batch', (2, 2, 2, 2, 2), (1, 2, 1), 1, VALID, (1, 1, 1), 1,
             (2, 1, 2))):
        for bias in (True, False):
            for act in (NONE, RELU, RELU6)[:3 if bias else 1]:
                o = S.Conv3DOptionsT()
                o.padding, o.fusedActivationFunction = padding, act
                o.strideD, o.strideH, o.strideW = s
                o.dilationDFactor = o.dilationHFactor = o.dilationWFactor = d
                tag = '%s_%d%s' % (n, act, '' if bias else '_nobias')
                b = [t([cout], data=(-1, 1))] * bias
                yield case('conv3d_' + tag, 'CONV_3D',
                           [t(a), t([*k, a[4], cout], data=(-1, 1)), *b],
                           [t([a[0], *out, cout])], o)
                if act == RELU6:
                    continue
                o = S.Conv3DOptionsT()
                o.padding, o.fusedActivationFunction = padding, act
                o.strideD, o.strideH, o.strideW = s
                o.dilationDFactor = o.dilationHFactor = o.dilationWFactor = 1
                shape = [a[0]]
                for i in range(3):
                    shape.append(a[i + 1] * s[i] if padding == SAME else
                                 (a[i + 1] - 1) * s[i] + k[i])
                yield case('conv3d_transpose_' + tag, 'CONV_3D_TRANSPOSE',
                           [const(shape + [cout]),
                            t([*k, cout, a[4]], data=(-1, 1)), t(a), *b],
                           [t(shape + [cout])], o)


def cases():
    yield from matmuls()
    yield from transpose_convs()
    yield from conv3ds()
