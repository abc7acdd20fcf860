"""LSTM, RNN and SVDF: every case runs several steps and keeps its state."""
from singleop import NONE, RELU, RELU6, S, case, t

TANH = S.ActivationFunctionType.TANH
FLAVOURS = {'plain': '', 'cifg': 'c', 'peephole': 'p', 'projection': 'r',
            'projection_bias': 'rb', 'layer_norm': 'l', 'clip': 'k',
            'cifg_peephole': 'cp', 'peephole_projection': 'prbk',
            'layer_norm_cifg': 'lc', 'all': 'prbl', 'all_cifg': 'cprlk'}


class Weights:
    """Makes weight tensors of one kind: f32, hybrid or i8."""

    def __init__(self, kind):
        self.kind, self.count = kind, 0

    def __call__(self, shape, low=-0.6, high=0.6):
        self.count += 1
        if self.kind == 'f32':
            return t(shape, 'f32', data=(low, high))
        scale = 0.004 + 0.0003 * (self.count % 5)
        return t(shape, 'i8', scale, 0, data=(-127, 127))


def lstm_inputs(kind, flavour, batch, depth, cells, outputs, x):
    """The 24 inputs: (inputs, output state)."""
    w = Weights(kind)
    cifg, peephole = 'c' in flavour, 'p' in flavour
    projection, norm = 'r' in flavour, 'l' in flavour
    full = kind == 'i8'
    ins = [x] + [None] * 23
    for i in range(4):
        if cifg and i == 0:
            continue
        ins[1 + i] = w([cells, depth])
        ins[5 + i] = w([cells, outputs])
        if full:
            scale = (2.0 ** -22 if norm else
                     float(x.scale[0] * ins[1 + i].scale[0]))
            ins[12 + i] = t([cells], 'i32', scale, 0, data=(-9000, 9000))
        else:
            ins[12 + i] = t([cells], data=(-0.5, 0.5))
        if norm:
            ins[20 + i] = (t([cells], 'i16', 2.0 ** -12, 0,
                             data=(1000, 6000)) if full
                           else t([cells], data=(0.3, 1.4)))
    if peephole:
        for i in range(3):
            if cifg and i == 0:
                continue
            ins[9 + i] = (t([cells], 'i16', 2e-5, 0, data='random') if full
                          else w([cells]))
    out_q = (0.009, 4) if projection else (1 / 128, -3)
    if projection:
        ins[16] = w([outputs, cells])
        if 'b' in flavour:
            ins[17] = (t([outputs], 'i32', float(ins[16].scale[0]) / 128, 0,
                         data=(-5000, 5000)) if full
                       else t([outputs], data=(-0.3, 0.3)))
    if full:
        ins[18] = t([batch, outputs], 'i8', *out_q, variable=True)
        ins[19] = t([batch, cells], 'i16', 2.0 ** -11, 0, variable=True)
    else:
        ins[18] = t([batch, outputs], variable=True)
        ins[19] = t([batch, cells], variable=True)
    return ins if norm else ins[:20], out_q


def intermediates(out_q, projection):
    hidden = (1 / 128, -3) if projection else out_q
    return ([t([], 'i16', 0.0004 * (1 + 0.2 * i), 0) for i in range(4)]
            + [t([], 'i8', *hidden)])


def lstm(name, op, kind, flavour, asym=False, time=0, time_major=True,
         act=TANH, steps=3):
    batch, depth, cells = 2, 3, 4
    outputs = 3 if 'r' in flavour else cells
    lead = [batch] if not time else (
        [time, batch] if time_major else [batch, time])
    full = kind == 'i8'
    x = (t(lead + [depth], 'i8', 0.02, 5) if full
         else t(lead + [depth], feed=(-2, 2)))
    ins, out_q = lstm_inputs(kind, flavour, batch, depth, cells, outputs, x)
    y = t(lead + [outputs], 'i8' if full else 'f32', *(out_q if full else ()))
    o = (S.UnidirectionalSequenceLSTMOptionsT() if time else S.LSTMOptionsT())
    o.fusedActivationFunction = act
    if 'k' in flavour:
        o.cellClip, o.projClip = 0.7, 0.3 if 'r' in flavour else 0.0
    o.asymmetricQuantizeInputs = asym
    version = {'f32': 1, 'hybrid': 4 if asym else 3, 'i8': 1}[kind]
    if time:
        o.timeMajor = time_major
        version = {'f32': 1, 'hybrid': 3 if asym else 2, 'i8': 1}[kind]
    return case(name, op, ins, [y], o, version, steps=steps,
                rtol=1e-5 if kind == 'f32' else 1e-4,
                intermediates=intermediates(out_q, 'r' in flavour)
                if full else None)


def bidirectional_lstm(name, kind, asym, merge, time_major, aux, flavour=''):
    batch, depth, cells, time = 2, 3, 2, 3
    outputs = 2
    lead = [time, batch] if time_major else [batch, time]
    x = t(lead + [depth], feed=(-2, 2))
    ins = [x] + [None] * 47
    for base, state in ((1, 35), (18, 37)):
        one, _ = lstm_inputs(kind, flavour, batch, depth, cells, outputs, x)
        ins[base:base + 17] = one[1:18]
        ins[state:state + 2] = one[18:20]
    if aux:
        w = Weights(kind)
        ins[39] = t(lead + [depth], feed=(-2, 2))
        for i in range(40, 48):
            ins[i] = w([cells, depth])
    o = S.BidirectionalSequenceLSTMOptionsT()
    o.fusedActivationFunction, o.mergeOutputs = TANH, merge
    o.timeMajor, o.asymmetricQuantizeInputs = time_major, asym
    outs = [t(lead + [2 * outputs if merge else outputs])]
    if not merge:
        outs.append(t(lead + [outputs]))
    version = 1 if kind == 'f32' else 3 if asym else 2
    return case(name, 'BIDIRECTIONAL_SEQUENCE_LSTM', ins, outs, o, version,
                steps=2, rtol=1e-5 if kind == 'f32' else 1e-4)


def rnns():
    kinds = (('f32', 'f32', False), ('hybrid', 'hybrid', False),
             ('hybrid_asym', 'hybrid', True))
    for tag, kind, asym in kinds:
        version = 1 if kind == 'f32' else 3 if asym else 2
        rtol = 1e-5 if kind == 'f32' else 1e-4
        for a, act in (('tanh', TANH), ('relu', RELU), ('none', NONE),
                       ('relu6', RELU6)):
            w = Weights(kind)
            o = S.RNNOptionsT()
            o.fusedActivationFunction, o.asymmetricQuantizeInputs = act, asym
            yield case('rnn_%s_%s' % (tag, a), 'RNN',
                       [t([2, 4], feed=(-2, 2)), w([3, 4]), w([3, 3]),
                        t([3], data=(-1, 1)), t([2, 3], variable=True)],
                       [t([2, 3])], o, version, steps=3, rtol=rtol)
        for major in (False, True):
            lead = [3, 2] if major else [2, 3]
            for a, act in (('tanh', TANH), ('relu', RELU)):
                w = Weights(kind)
                o = S.SequenceRNNOptionsT()
                o.fusedActivationFunction, o.timeMajor = act, major
                o.asymmetricQuantizeInputs = asym
                yield case('seq_rnn_%s_%s_%d' % (tag, a, major),
                           'UNIDIRECTIONAL_SEQUENCE_RNN',
                           [t(lead + [4], feed=(-2, 2)), w([3, 4]), w([3, 3]),
                            t([3], data=(-1, 1)), t([2, 3], variable=True)],
                           [t(lead + [3])], o, version, steps=2, rtol=rtol)
            for merge in (False, True):
                for aux in (False, True):
                    if merge and (kind != 'f32' or not major):  # overruns
                        continue
                    w = Weights(kind)
                    o = S.BidirectionalSequenceRNNOptionsT()
                    o.fusedActivationFunction, o.timeMajor = TANH, major
                    o.mergeOutputs, o.asymmetricQuantizeInputs = merge, asym
                    ins = [t(lead + [4], feed=(-2, 2))]
                    for _ in range(2):
                        ins += [w([3, 4]), w([3, 3]), t([3], data=(-1, 1)),
                                t([2, 3], variable=True)]
                    ins += ([t(lead + [4], feed=(-2, 2)), w([3, 4]),
                             w([3, 4])] if aux else [None] * 3)
                    outs = [t(lead + [6 if merge else 3])]
                    if not merge:
                        outs.append(t(lead + [3]))
                    yield case('bidi_rnn_%s_%d%d%d' % (tag, major, merge, aux),
                               'BIDIRECTIONAL_SEQUENCE_RNN', ins, outs, o,
                               version, steps=2, rtol=rtol)


def svdfs():
    for rank in (1, 2):
        for act in (NONE, RELU):
            for bias in (True, False):
                units, memory, depth, batch = 3, 4, 5, 2
                filters = units * rank
                tag = 'r%d_%s%s' % (rank, 'relu' if act else 'none',
                                    '' if bias else '_nobias')

                def options(asym=False):
                    o = S.SVDFOptionsT()
                    o.rank, o.fusedActivationFunction = rank, act
                    o.asymmetricQuantizeInputs = asym
                    return o
                for k, asym, version in (('f32', False, 1),
                                         ('hybrid', False, 2),
                                         ('hybrid_asym', True, 4)):
                    w = Weights('f32' if k == 'f32' else 'hybrid')
                    yield case('svdf_%s_%s' % (k, tag), 'SVDF',
                               [t([batch, depth], feed=(-2, 2)),
                                w([filters, depth]), w([filters, memory]),
                                t([units], data=(-1, 1)) if bias else None,
                                t([batch, memory * filters], variable=True)],
                               [t([batch, units])], options(asym), version,
                               steps=6, rtol=1e-5 if k == 'f32' else 1e-4)
                if act == NONE:  # int8 must have RELU
                    continue
                s_state, s_time = 0.0002, 3e-5
                for n, s_out in (('', 0.02), ('_saturate', 0.004)):
                    yield case('svdf_i8_%s%s' % (tag, n), 'SVDF',
                               [t([batch, depth], 'i8', 0.02, 3),
                                t([filters, depth], 'i8', 0.01, 0,
                                  data=(-127, 127)),
                                t([filters, memory], 'i16', s_time, 0,
                                  data='random'),
                                t([units], 'i32', s_state * s_time, 0,
                                  data=(-9**7, 9**7)) if bias else None,
                                t([batch, memory * filters], 'i16', s_state,
                                  0, variable=True)],
                               [t([batch, units], 'i8', s_out, -7)],
                               options(), steps=6)


def cases():
    kinds = (('f32', 'f32', False), ('hybrid', 'hybrid', False),
             ('hybrid_asym', 'hybrid', True), ('i8', 'i8', False))
    for tag, kind, asym in kinds:
        for n, flavour in FLAVOURS.items():
            yield lstm('lstm_%s_%s' % (tag, n), 'LSTM', kind, flavour, asym)
            yield lstm('seq_lstm_%s_%s' % (tag, n),
                       'UNIDIRECTIONAL_SEQUENCE_LSTM', kind, flavour, asym,
                       time=3, steps=2)
        yield lstm('seq_lstm_%s_batch_major' % tag,
                   'UNIDIRECTIONAL_SEQUENCE_LSTM', kind, 'p', asym, time=3,
                   time_major=False, steps=2)
        if kind != 'i8':
            yield lstm('lstm_%s_relu' % tag, 'LSTM', kind, '', asym, act=RELU)
    for tag, kind, asym in kinds[:3]:
        for merge in (False, True):
            for major in (False, True):
                if merge and not major:  # LiteRT overruns its buffers
                    continue
                yield bidirectional_lstm(
                    'bidi_lstm_%s_%d%d' % (tag, merge, major), kind, asym,
                    merge, major, False)
        yield bidirectional_lstm('bidi_lstm_%s_aux' % tag, kind, asym, False,
                                 True, True)
        yield bidirectional_lstm('bidi_lstm_%s_cifg' % tag, kind, asym, False,
                                 True, False, 'c')
        yield bidirectional_lstm('bidi_lstm_%s_peephole' % tag, kind, asym,
                                 False, False, False, 'p')
    yield from rnns()
    yield from svdfs()
