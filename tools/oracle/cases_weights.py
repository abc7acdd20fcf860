"""Weights of rare kinds: fed as inputs, 2-bit, int16, blockwise."""
import cases_conv
import cases_matmul
import cases_sequence
from singleop import NONE, SAME, VALID, S, case, t


def fed(c):
    """The case with all its constants of numbers fed as inputs instead."""
    g = c.graphs[0]
    for x in g.ops[0].inputs:
        if x is not None and isinstance(x.data, (str, tuple)):
            x.feed = x.data if isinstance(x.data, tuple) else None
            x.data = None
            g.inputs.append(x)
    return c


def fed_weights():
    image = ((1, 4, 4, 4), (3, 3), 4, SAME, (1, 1), (1, 1), NONE)
    for kind in ('f32', 'i8', 'i8t', 'u8', 'i16', 'hybrid'):
        yield fed(cases_conv.conv_case('conv_' + kind, kind, *image))
        yield fed(cases_conv.conv_case('conv_groups_' + kind, kind, *image,
                                       groups=2))
        yield fed(cases_conv.depthwise_case(
            'depthwise_' + kind, kind, (1, 4, 4, 3), (3, 3), 1, *image[3:]))
        yield fed(cases_matmul.transpose_conv(
            kind, kind, (1, 3, 4, 2), (3, 3), 2, SAME, (1, 1), (3, 4)))
    for kind in ('f32', 'hybrid'):
        for name in ('plain', 'all', 'peephole'):
            yield fed(cases_sequence.lstm(
                'lstm_%s_%s' % (kind, name), 'LSTM', kind,
                cases_sequence.FLAVOURS[name]))


def large_transpose_convs():
    for kind in ('f32', 'i8', 'u8'):
        for name, padding, out in (('large', SAME, (13, 11)),
                                   ('large_valid', VALID, (17, 16))):
            yield cases_matmul.transpose_conv(
                name + '_' + kind, kind, (2, 5, 6, 3), (4, 5), 3, padding,
                (3, 2), out)


def options(asymmetric=False):
    o = S.FullyConnectedOptionsT()
    o.asymmetricQuantizeInputs = asymmetric
    return o


def fully_connected():
    per = [0.3, 0.2, 0.5, 0.1]
    bias = t([4], data=(-1, 1))
    for tag, scale in (('', 0.3), ('_channels', per)):
        for asymmetric in (False, True):
            yield case('fc_hybrid_i2%s_%d' % (tag, asymmetric),
                       'FULLY_CONNECTED',
                       [t([3, 8]), t([4, 8], 'i2', scale, 0, data='random'),
                        bias], [t([3, 4])], options(asymmetric), 14)
    yield case('fc_i8_i2', 'FULLY_CONNECTED',
               [t([3, 8], 'i8', 0.05, -5),
                t([4, 8], 'i2', per, 0, data='random'),
                t([4], 'i32', [0.05 * s for s in per], 0, data=(-90, 90))],
               [t([3, 4], 'i8', 0.09, 7)], options(), 14)
    yield case('fc_i16_i16', 'FULLY_CONNECTED',
               [t([3, 8], 'i16', 2e-4, 0),
                t([4, 8], 'i16', 3e-4, 0, data='random'), None],
               [t([3, 4], 'i16', 0.01, 0)], options())
    for depth in (32, 64, 96):
        w = t([4, depth], 'i4', data='random')
        w.blocks = (t([4, depth // 32], 'f16', data=(0.05, 0.2)), 32)
        c = case('fc_blocks_%d' % depth, 'FULLY_CONNECTED',
                 [t([3, depth]), w, bias], [t([3, 4])], options(), 13)
        c.default_kernels = True
        yield c


def cases():
    yield from fed_weights()
    yield from large_transpose_convs()
    yield from fully_connected()
