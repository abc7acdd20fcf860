"""FULLY_CONNECTED."""
from singleop import NONE, RELU, RELU6, RELU_N1_TO_1, S, case, code, t

ACTS = {'none': NONE, 'relu': RELU, 'relu6': RELU6, 'n1to1': RELU_N1_TO_1}
# name, input, units, keep_num_dims
SHAPES = [('2x5', [2, 5], 3, False), ('1x16', [1, 16], 4, False),
          ('3x7', [3, 7], 1, False), ('3d', [2, 2, 6], 3, False),
          ('3d_keep', [2, 2, 6], 3, True), ('4d_keep', [1, 2, 2, 5], 2, True),
          ('1x33', [1, 33], 2, False)]
ZERO = {'i8': (-5, 7), 'u8': (119, 130), 'i16': (0, 0)}
# kind: input type, weight type, per channel, bias type, version
KINDS = {
    'f32': ('f32', 'f32', False, 'f32', None),
    'i8': ('i8', 'i8', False, 'i32', None),
    'i8c': ('i8', 'i8', True, 'i32', None),
    'u8': ('u8', 'u8', False, 'i32', None),
    'i16': ('i16', 'i8', False, 'i64', None),
    'i16c': ('i16', 'i8', True, 'i64', None),
    'i16b32': ('i16', 'i8', True, 'i32', 11),
    'hybrid': ('f32', 'i8', False, 'f32', 3),
    'hybrid_asym': ('f32', 'i8', False, 'f32', 9),
    'hybridc': ('f32', 'i8', True, 'f32', 12),
    'hybridc_asym': ('f32', 'i8', True, 'f32', 12),
    'i4': ('i8', 'i4', False, 'i32', 10),
    'i4c': ('i8', 'i4', True, 'i32', 10),
    'hybrid_i4': ('f32', 'i4', False, 'f32', 10),
    'hybrid_i4c': ('f32', 'i4', True, 'f32', 12),
    'hybrid_i4c_asym': ('f32', 'i4', True, 'f32', 12),
}


def fc(name, kind, in_shape, units, keep, act=NONE, bias=True, s_out=0.09,
       small=False, fed=False):
    xt, wt, per, bt, version = KINDS[kind]
    quant = xt != 'f32'
    s_in = {'i16': 0.0002}.get(xt, 0.05)
    if xt == 'i16':
        s_out /= 256
    zi, zo = ZERO.get(xt, (0, 0))
    depth = in_shape[-1]
    if not keep and len(in_shape) == 4:
        depth = in_shape[-1]
    x = t(in_shape, xt, s_in if quant else None, zi)
    s_w = 0.06 if wt == 'i4' else 0.011
    if per:
        s_w = [s_w * (0.6 + 0.37 * i) for i in range(units)]
    ranges = {'f32': (-1, 1), 'i8': (-127, 127), 'u8': 'random',
              'i4': (-7, 7)}
    w = t([units, depth], wt, None if wt == 'f32' else s_w,
          117 if wt == 'u8' else 0, data=ranges[wt])
    b = None
    if bias:
        b = t([units], bt, w.scale * s_in if quant else None,
              data=(-1, 1) if bt == 'f32' else (-900, 900))
    if small:
        x.feed, w.data = (zi - 10, zi + 10), (-1, 1)
        if wt == 'u8':
            w.data = (116, 118)
        if b:
            b.data = (-15, 15)
    if fed:
        w.data = None
    rows = 1
    for n in in_shape[:-1]:
        rows *= n
    out = in_shape[:-1] + [units] if keep else [rows, units]
    o = S.FullyConnectedOptionsT()
    o.fusedActivationFunction, o.keepNumDims = act, keep
    o.asymmetricQuantizeInputs = kind.endswith('asym')
    if kind == 'i16b32':
        o.quantizedBiasType = code('i32')
    y = t(out, xt, s_out if quant else None, zo)
    return case(name, 'FULLY_CONNECTED', [x, w, b], [y], o, version)


def cases():
    for kind in KINDS:
        for n, *shape in SHAPES:
            yield fc('%s_%s' % (kind, n), kind, *shape)
        shape = ([3, 8], 4, False)
        for a in ('relu', 'relu6', 'n1to1'):
            yield fc('%s_%s' % (kind, a), kind, *shape, ACTS[a])
        yield fc('%s_nobias' % kind, kind, *shape, bias=False)
        yield fc('%s_nobias_relu' % kind, kind, *shape, RELU, bias=False)
        if KINDS[kind][0] != 'f32':
            yield fc('%s_saturate' % kind, kind, *shape, s_out=0.02)
            yield fc('%s_coarse' % kind, kind, *shape, s_out=1.7)
            yield fc('%s_gain' % kind, kind, *shape, s_out=0.0003, small=True)
            yield fc('%s_deep' % kind, kind, [1, 120], 2, False, s_out=0.3)
    for kind in ('f32', 'i8'):
        yield fc('%s_fed_weights' % kind, kind, [2, 6], 3, False, fed=True)
