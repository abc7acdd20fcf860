"""Operators that move, select, build or resize data."""
import numpy as np

from singleop import S, case, code, const, t

QUANT = {'i8': (0.05, -9), 'u8': (0.05, 121), 'i16': (0.0003, 0)}
NUMBERS = 'f32 i8 u8 i16 i32 i64'.split()


def q(dtype):
    return QUANT.get(dtype, ())


def x(shape, dtype='f32', **more):
    return t(shape, dtype, *q(dtype), **more)


def move(name, op, dtype, in_shape, out_shape, extra=(), options=None,
         feed=None, **more):
    """One data input, constants, one output of the same type."""
    return case('%s_%s' % (name, dtype), op,
                [x(in_shape, dtype, feed=feed), *extra],
                [x(out_shape, dtype)], options, exact=True, **more)


def shapes():
    for dtype in NUMBERS + ['bool', 'f16']:
        for n, a, b, new in (('flat', [2, 3, 2], [12], [12]),
                             ('minus', [2, 6], [3, 2, 2], [3, -1, 2]),
                             ('rank5', [4, 3], [1, 2, 1, 2, 3],
                              [1, 2, 1, 2, 3])):
            o = S.ReshapeOptionsT()
            o.newShape = new
            yield move('reshape_' + n, 'RESHAPE', dtype, a, b, [const(new)], o)
    o = S.ReshapeOptionsT()
    o.newShape = [6]
    yield move('reshape_option', 'RESHAPE', 'f32', [2, 3], [6], (), o)
    yield move('reshape_fed', 'RESHAPE', 'f32', [2, 3], [3, 2],
               [t([2], 'i32', feed=[3, 2])])
    yield move('reshape_scalar', 'RESHAPE', 'f32', [1, 1], [],
               [const([], shape=[0])])
    for n, a, axis, b in (('front', [2, 3], 0, [1, 2, 3]),
                          ('back', [2, 3], -1, [2, 3, 1]),
                          ('mid', [2, 3, 2], 1, [2, 1, 3, 2])):
        for dtype in ('f32', 'i8', 'i32'):
            yield move('expand_dims_' + n, 'EXPAND_DIMS', dtype, a, b,
                       [const(axis)], S.ExpandDimsOptionsT())
    for n, a, dims, b in (('all', [1, 3, 1, 2], [], [3, 2]),
                          ('one', [1, 3, 1, 2], [2], [1, 3, 2]),
                          ('neg', [1, 3, 2, 1], [-1, 0], [3, 2])):
        for dtype in ('f32', 'i8', 'i32'):
            o = S.SqueezeOptionsT()
            o.squeezeDims = dims
            yield move('squeeze_' + n, 'SQUEEZE', dtype, a, b, (), o)
    for out in ('i32', 'i64'):
        o = S.ShapeOptionsT()
        o.outType = code(out)
        for n, shape in (('a', [2, 3, 1]), ('b', [4])):
            yield case('shape_%s_%s' % (out, n), 'SHAPE', [x(shape)],
                       [t([len(shape)], out)], o)
    for n, shape in (('a', [2, 3, 1]), ('scalar', [])):
        yield case('rank_' + n, 'RANK', [x(shape)], [t([], 'i32')],
                   S.RankOptionsT())
    for dtype in ('f32', 'i32', 'i64'):
        yield move('zeros_like', 'ZEROS_LIKE', dtype, [2, 3], [2, 3], (),
                   S.ZerosLikeOptionsT())
    for dtype in ('i32', 'i64'):
        for n, a, b, y in (('a', [2, 1, 3], [4, 1], [2, 4, 3]),
                           ('b', [5], [2, 1], [2, 5]),
                           ('c', [1], [1], [1])):
            yield case('broadcast_args_%s_%s' % (n, dtype), 'BROADCAST_ARGS',
                       [t([len(a)], dtype, feed=a), t([len(b)], dtype, feed=b)],
                       [t([len(y)], dtype)])


def transposes():
    for n, a, perm in (('2d', [3, 5], [1, 0]), ('3d', [2, 3, 4], [2, 0, 1]),
                       ('4d', [2, 3, 2, 3], [0, 3, 1, 2]),
                       ('same', [2, 3], [0, 1]),
                       ('nhwc', [1, 3, 2, 4], [0, 2, 3, 1]),
                       ('5d', [2, 1, 3, 2, 2], [4, 2, 0, 3, 1]),
                       ('6d', [1, 2, 2, 2, 1, 3], [5, 3, 1, 0, 4, 2])):
        for dtype in NUMBERS + ['bool']:
            yield move('transpose_' + n, 'TRANSPOSE', dtype, a,
                       [a[i] for i in perm], [const(perm)],
                       S.TransposeOptionsT())


def slices():
    for n, a, begin, size, out in (
            ('1d', [7], [2], [3], [3]), ('2d', [4, 5], [1, 0], [2, 4], [2, 4]),
            ('rest', [3, 4, 2], [0, 1, 0], [-1, -1, 2], [3, 3, 2]),
            ('4d', [2, 3, 2, 3], [0, 1, 1, 0], [2, 1, 1, -1], [2, 1, 1, 3]),
            ('5d', [2, 2, 3, 1, 2], [1, 0, 1, 0, 0], [1, 2, 2, 1, -1],
             [1, 2, 2, 1, 2])):
        for dtype in NUMBERS + ['bool']:
            yield move('slice_' + n, 'SLICE', dtype, a, out,
                       [const(begin), const(size)], S.SliceOptionsT())
    yield move('slice_long', 'SLICE', 'f32', [4, 3], [2, 3],
               [const([1, 0], 'i64'), const([2, -1], 'i64')])
    yield move('slice_fed', 'SLICE', 'i32', [4, 3], [2, 2],
               [t([2], 'i32', feed=[1, 1]), t([2], 'i32', feed=[2, 2])])
    # begin, end, strides, masks: begin end ellipsis new shrink
    grid = [('plain', [5, 4], [1, 0], [4, 3], [1, 2], (0, 0, 0, 0, 0), [3, 2]),
            ('neg', [5, 4], [-1, 3], [0, -5], [-2, -1], (0, 0, 0, 0, 0),
             [2, 4]),
            ('masks', [5, 4], [2, 1], [3, 2], [1, 1], (1, 2, 0, 0, 0), [3, 3]),
            ('shrink', [3, 4, 2], [1, 0, 0], [2, 4, 2], [1, 1, 1],
             (0, 0, 0, 0, 1), [4, 2]),
            ('shrink2', [3, 4, 2], [0, -1, 0], [3, 4, 2], [1, 1, 1],
             (0, 0, 0, 0, 2), [3, 2]),
            ('ellipsis', [2, 3, 4], [0, 1], [0, 3], [1, 1], (0, 0, 1, 0, 0),
             [2, 3, 2]),
            ('newaxis', [3, 4], [0, 0, 1], [3, 0, 3], [1, 1, 1],
             (0, 0, 0, 2, 0), [3, 1, 2]),
            ('clamp', [4, 3], [-9, 0], [9, 99], [1, 1], (0, 0, 0, 0, 0),
             [4, 3]),
            ('empty', [4, 3], [3, 0], [1, 3], [1, 1], (0, 0, 0, 0, 0), [0, 3]),
            ('4d', [2, 4, 3, 2], [0, 3, 0, 1], [2, 0, 3, 2], [1, -1, 2, 1],
             (0, 0, 0, 0, 0), [2, 3, 2, 1]),
            ('5d', [1, 2, 3, 2, 3], [0, 0, 2, 0, 0], [1, 2, 0, 2, 3],
             [1, 1, -1, 1, 2], (0, 0, 0, 0, 0), [1, 2, 2, 2, 2])]
    for n, a, begin, end, strides, masks, out in grid:
        o = S.StridedSliceOptionsT()
        (o.beginMask, o.endMask, o.ellipsisMask, o.newAxisMask,
         o.shrinkAxisMask) = masks
        for dtype in NUMBERS + ['bool']:
            yield move('strided_slice_' + n, 'STRIDED_SLICE', dtype, a, out,
                       [const(begin), const(end), const(strides)], o)
    o = S.StridedSliceOptionsT()
    o.offset = True
    yield move('strided_slice_offset', 'STRIDED_SLICE', 'f32', [5, 4], [2, 3],
               [const([1, 1]), const([2, 3]), const([1, 1])], o, version=8)
    for dtype in ('f32', 'i8', 'i16', 'i32', 'i64', 'bool', 'f16'):
        for index in ('i32', 'i64'):
            yield move('dynamic_update_slice_' + index, 'DYNAMIC_UPDATE_SLICE',
                       dtype, [4, 3], [4, 3],
                       [x([2, 2], dtype), t([2], index, feed=[1, 1])],
                       S.DynamicUpdateSliceOptionsT())
    yield move('dynamic_update_slice_clamp', 'DYNAMIC_UPDATE_SLICE', 'f32',
               [4, 3], [4, 3], [x([2, 2]), t([2], 'i32', feed=[9, -3])],
               S.DynamicUpdateSliceOptionsT())
    yield move('dynamic_update_slice_3d', 'DYNAMIC_UPDATE_SLICE', 'i8',
               [2, 3, 4], [2, 3, 4],
               [x([1, 2, 2], 'i8'), t([3], 'i32', feed=[1, 0, 2])],
               S.DynamicUpdateSliceOptionsT())


def joins():
    for n, parts, axis, out in (
            ('last', [[2, 3], [2, 2]], -1, [2, 5]),
            ('first', [[1, 3], [2, 3], [1, 3]], 0, [4, 3]),
            ('mid', [[2, 1, 3], [2, 2, 3]], 1, [2, 3, 3]),
            ('one', [[2, 2]], 0, [2, 2]),
            ('rank5', [[1, 2, 1, 2, 2], [1, 2, 2, 2, 2]], 2,
             [1, 2, 3, 2, 2])):
        for dtype in NUMBERS + ['bool', 'u32']:
            o = S.ConcatenationOptionsT()
            o.axis = axis
            yield case('concat_%s_%s' % (n, dtype), 'CONCATENATION',
                       [x(s, dtype) for s in parts], [x(out, dtype)], o,
                       exact=True)
    o = S.ConcatenationOptionsT()
    o.axis = 1
    yield case('concat_u8_scales', 'CONCATENATION',
               [t([2, 4], 'u8', 0.05, 121), t([2, 3], 'u8', 0.02, 8),
                t([2, 4], 'u8', 0.07, 200)], [t([2, 11], 'u8', 0.06, 128)], o)
    yield case('concat_const', 'CONCATENATION',
               [x([2, 2]), t([2, 2], data='random')], [x([2, 4])], o,
               exact=True)
    for n, a, axis, num, out in (('last', [2, 6], -1, 3, [2, 2]),
                                 ('first', [4, 3], 0, 2, [2, 3]),
                                 ('mid', [2, 4, 2], 1, 4, [2, 1, 2])):
        for dtype in NUMBERS:
            o = S.SplitOptionsT()
            o.numSplits = num
            yield case('split_%s_%s' % (n, dtype), 'SPLIT',
                       [const(axis), x(a, dtype)],
                       [x(out, dtype) for _ in range(num)], o, exact=True)
    for n, a, axis, sizes in (('last', [2, 6], -1, [1, 3, 2]),
                              ('rest', [5, 2], 0, [1, -1, 2]),
                              ('mid', [2, 4, 2], 1, [3, 1])):
        for dtype in NUMBERS:
            o = S.SplitVOptionsT()
            o.numSplits = len(sizes)
            real = [a[axis] - sum(sizes) - 1 if s < 0 else s for s in sizes]
            outs = []
            for s in real:
                shape = list(a)
                shape[axis] = s
                outs.append(x(shape, dtype))
            yield case('split_v_%s_%s' % (n, dtype), 'SPLIT_V',
                       [x(a, dtype), const(sizes), const(axis)], outs, o,
                       exact=True)
    for n, a, axis, num in (('front', [2, 3], 0, 3), ('back', [2, 3], -1, 2),
                            ('mid', [2, 1, 3], 1, 2), ('scalar', [], 0, 4)):
        for dtype in NUMBERS:
            out = list(a)
            out.insert(axis if axis >= 0 else len(a) + 1 + axis, num)
            o = S.PackOptionsT()
            o.axis, o.valuesCount = axis, num
            yield case('pack_%s_%s' % (n, dtype), 'PACK',
                       [x(a, dtype) for _ in range(num)], [x(out, dtype)], o,
                       exact=True)
            if dtype == 'i64':
                continue
            o = S.UnpackOptionsT()
            o.axis, o.num = axis, num
            yield case('unpack_%s_%s' % (n, dtype), 'UNPACK', [x(out, dtype)],
                       [x(a, dtype) for _ in range(num)], o, exact=True)


def pads():
    for n, a, p in (('1d', [4], [[1, 2]]), ('2d', [2, 3], [[1, 0], [0, 2]]),
                    ('3d', [2, 1, 3], [[0, 1], [1, 1], [2, 0]]),
                    ('4d', [1, 2, 3, 2], [[0, 0], [1, 2], [1, 1], [0, 1]]),
                    ('none', [2, 2], [[0, 0], [0, 0]]),
                    ('5d', [1, 2, 1, 2, 2], [[1, 0], [0, 0], [1, 1], [0, 1],
                                             [0, 0]])):
        out = [s + b + e for s, (b, e) in zip(a, p)]
        for dtype in NUMBERS + ['bool']:
            yield move('pad_' + n, 'PAD', dtype, a, out, [const(p)],
                       S.PadOptionsT())
            if n in ('2d', '4d', '5d') and dtype != 'bool':
                value = const([7], dtype, **dict(zip(('scale', 'zero_point'),
                                                     q(dtype))))
                yield move('padv2_' + n, 'PADV2', dtype, a, out,
                           [const(p), value], S.PadV2OptionsT())
    yield move('pad_long', 'PAD', 'f32', [2, 3], [4, 4],
               [const([[1, 1], [0, 1]], 'i64')])
    yield move('pad_fed', 'PAD', 'f32', [2, 3], [4, 4],
               [t([2, 2], 'i32', feed=[[1, 1], [0, 1]])])
    for mode in (0, 1):
        o = S.MirrorPadOptionsT()
        o.mode = mode
        tag = 'symmetric' if mode else 'reflect'
        for n, a, p in (('1d', [4], [[2, 3]]), ('2d', [3, 4], [[1, 2], [2, 0]]),
                        ('4d', [1, 3, 2, 2], [[0, 0], [2, 1], [1, 1],
                                              [0, 1]])):
            out = [s + b + e for s, (b, e) in zip(a, p)]
            for dtype in NUMBERS:
                yield move('mirror_pad_%s_%s' % (tag, n), 'MIRROR_PAD', dtype,
                           a, out, [const(p)], o)


def gathers():
    for n, a, axis, batch, idx, out in (
            ('rows', [4, 3], 0, 0, [2, 0, 3], [3, 3]),
            ('cols', [3, 5], 1, 0, [4, 4, 0], [3, 3]),
            ('last', [2, 2, 4], -1, 0, [[3, 1], [0, 0]], [2, 2, 2, 2]),
            ('scalar', [4, 2], 0, 0, 3, [2]),
            ('batch', [2, 4, 2], 1, 1, [[0, 3], [2, 2]], [2, 2, 2]),
            ('vector', [5], 0, 0, [1, 4], [2])):
        for dtype in NUMBERS + ['bool']:
            o = S.GatherOptionsT()
            o.axis, o.batchDims = axis, batch
            yield move('gather_' + n, 'GATHER', dtype, a, out,
                       [t(np.shape(idx), 'i32', feed=idx)], o)
        yield move('gather_long_' + n, 'GATHER', 'f32', a, out,
                   [const(idx, 'i64')], o)
    words = ['a', 'bc', '', 'defg']
    yield case('gather_str', 'GATHER', [t([4], 'str', feed=words),
                                        const([3, 0, 1])],
               [t([3], 'str')], S.GatherOptionsT())
    for n, a, idx, out in (('full', [3, 4], [[0, 1], [2, 3]], [2]),
                           ('rows', [3, 4], [[2], [0]], [2, 4]),
                           ('nested', [2, 3, 2], [[[0, 1], [1, 2]]],
                            [1, 2, 2])):
        for dtype in NUMBERS + ['bool']:
            yield move('gather_nd_' + n, 'GATHER_ND', dtype, a, out,
                       [const(idx)], S.GatherNdOptionsT())
        yield move('gather_nd_long_' + n, 'GATHER_ND', 'i8', a, out,
                   [const(idx, 'i64')], S.GatherNdOptionsT())
    for n, idx, out, upd in (('vector', [[4], [3], [1]], [6], [3]),
                             ('rows', [[2], [0]], [4, 3], [2, 3]),
                             ('dup', [[1], [1], [0]], [3, 2], [3, 2]),
                             ('full', [[0, 1], [1, 0]], [2, 3], [2])):
        for dtype in ('f32', 'i8', 'u8', 'i32', 'i64', 'bool'):
            feed = (-9, 9) if dtype == 'i8' else (0, 60)
            yield case('scatter_nd_%s_%s' % (n, dtype), 'SCATTER_ND',
                       [const(idx), t(upd, dtype, feed=feed), const(out)],
                       [t(out, dtype)], S.ScatterNdOptionsT(), exact=True)
    for dtype in ('f32', 'i8', 'u8'):
        for n, ids in (('a', [1, 0, 2, 2]), ('b', [3])):
            yield case('embedding_lookup_%s_%s' % (n, dtype),
                       'EMBEDDING_LOOKUP',
                       [t([len(ids)], 'i32', feed=ids),
                        t([4, 3], dtype, *q(dtype), data='random')],
                       [x([len(ids), 3], dtype)], exact=True)
    for n, scale in (('hybrid', 0.02), ('rows', [0.01, 0.02, 0.03, 0.04])):
        for dtype in ('i8', 'i4'):
            yield case('embedding_lookup_%s_%s' % (n, dtype),
                       'EMBEDDING_LOOKUP',
                       [t([3], 'i32', feed=[3, 0, 1]),
                        t([4, 6], dtype, scale, 0, data='random')],
                       [x([3, 6])])


def repeats():
    for n, a, m in (('1d', [3], [3]), ('2d', [2, 3], [2, 2]),
                    ('3d', [1, 2, 2], [3, 1, 2])):
        out = [s * k for s, k in zip(a, m)]
        for dtype in NUMBERS + ['bool']:
            yield move('tile_' + n, 'TILE', dtype, a, out, [const(m)],
                       S.TileOptionsT())
    yield move('tile_long', 'TILE', 'f32', [2, 2], [4, 2],
               [const([2, 1], 'i64')], S.TileOptionsT())
    for n, a, b in (('row', [3], [2, 3]), ('both', [2, 1, 3], [2, 4, 3]),
                    ('scalar', [1], [2, 2]), ('5d', [2, 1, 1], [1, 2, 2, 3, 2])):
        for dtype in NUMBERS + ['bool']:
            yield move('broadcast_to_' + n, 'BROADCAST_TO', dtype, a, b,
                       [const(b)], S.BroadcastToOptionsT())
    for n, a, axes in (('last', [2, 3], [-1]), ('first', [3, 2], [0]),
                       ('two', [2, 3, 2], [1, 2]), ('mid', [2, 3, 2], [1])):
        for dtype in ('f32', 'i8', 'u8', 'i16', 'i32', 'i64', 'bool'):
            yield move('reverse_%s' % n, 'REVERSE_V2', dtype, a, a,
                       [const(axes)], S.ReverseV2OptionsT())
    for dtype in ('f32', 'u8', 'i16', 'i32', 'i64'):
        for n, seq, batch in (('a', 1, 0), ('b', 0, 1), ('c', 2, 0)):
            o = S.ReverseSequenceOptionsT()
            o.seqDim, o.batchDim = seq, batch
            a = [3, 4, 2] if batch == 0 else [4, 3, 2]
            lens = [2, 1, 2] if seq == 2 else [3, 1, 4]
            yield move('reverse_sequence_' + n, 'REVERSE_SEQUENCE', dtype, a,
                       a, [const(lens)], o)
    for n, axis, on_first in (('last', -1, [4, 3]), ('first', 0, [3, 4])):
        for dtype in ('f32', 'i32', 'i64', 'i8', 'u8', 'bool'):
            o = S.OneHotOptionsT()
            o.axis = axis
            one, zero = (True, False) if dtype == 'bool' else (5, 2)
            yield case('one_hot_%s_%s' % (n, dtype), 'ONE_HOT',
                       [t([4], 'i32', feed=[0, 2, -1, 1]), const(3),
                        const(one, dtype), const(zero, dtype)],
                       [t(on_first, dtype)], o, exact=True)
    for dtype in NUMBERS + ['bool']:
        for dims in ('i32', 'i64'):
            yield case('fill_%s_%s' % (dtype, dims), 'FILL',
                       [const([2, 3], dims), x([], dtype)],
                       [x([2, 3], dtype)], S.FillOptionsT(), exact=True)
    for dtype, n, v, count in (('i32', 'up', (2, 9, 3), 3),
                               ('i32', 'down', (5, -4, -2), 5),
                               ('i64', 'up', (0, 5, 1), 5),
                               ('f32', 'up', (0.5, 2.9, 0.4), 6),
                               ('f32', 'down', (3, 0, -1.25), 3)):
        for fed in (False, True):
            args = [t([], dtype, feed=e) if fed else const(e, dtype)
                    for e in v]
            yield case('range_%s_%s_%s' % (dtype, n, 'fed' if fed else 'const'),
                       'RANGE', args, [t([count], dtype)], S.RangeOptionsT())


def blocks():
    for dtype in NUMBERS:
        for n, a, b in (('2', [1, 4, 6, 3], 2), ('3', [2, 3, 3, 1], 3)):
            out = [a[0], a[1] // b, a[2] // b, a[3] * b * b]
            o = S.SpaceToDepthOptionsT()
            o.blockSize = b
            if dtype != 'i16':
                yield move('space_to_depth_' + n, 'SPACE_TO_DEPTH', dtype, a,
                           out, (), o)
                o = S.DepthToSpaceOptionsT()
                o.blockSize = b
                yield move('depth_to_space_' + n, 'DEPTH_TO_SPACE', dtype, out,
                           a, (), o)
        for n, a, block, p, out in (
                ('4d', [1, 4, 4, 2], [2, 2], [[0, 0], [0, 0]], [4, 2, 2, 2]),
                ('pad', [2, 3, 4, 1], [2, 3], [[1, 0], [1, 1]],
                 [12, 2, 2, 1]),
                ('3d', [1, 4, 2], [2], [[1, 1]], [2, 3, 2])):
            yield move('space_to_batch_' + n, 'SPACE_TO_BATCH_ND', dtype, a,
                       out, [const(block), const(p)],
                       S.SpaceToBatchNDOptionsT())
            yield move('batch_to_space_' + n, 'BATCH_TO_SPACE_ND', dtype, out,
                       a, [const(block), const(p)],
                       S.BatchToSpaceNDOptionsT())


def resizes():
    sizes = [('up', [1, 3, 4, 2], [6, 8]), ('odd', [1, 4, 3, 1], [5, 7]),
             ('down', [2, 5, 6, 1], [3, 2]), ('one', [1, 1, 2, 2], [3, 3]),
             ('to1', [1, 4, 4, 1], [1, 1])]
    for n, a, size in sizes:
        for corners, half in ((False, False), (True, False), (False, True)):
            tag = n + ('_corners' if corners else '_half' if half else '')
            out = [a[0], *size, a[3]]
            for dtype in ('f32', 'i8', 'u8', 'i16'):
                o = S.ResizeBilinearOptionsT()
                o.alignCorners, o.halfPixelCenters = corners, half
                yield case('resize_bilinear_%s_%s' % (tag, dtype),
                           'RESIZE_BILINEAR', [x(a, dtype), const(size)],
                           [x(out, dtype)], o)
                o = S.ResizeNearestNeighborOptionsT()
                o.alignCorners, o.halfPixelCenters = corners, half
                yield move('resize_nearest_' + tag, 'RESIZE_NEAREST_NEIGHBOR',
                           dtype, a, out, [const(size)], o)


def selects():
    for dtype in NUMBERS + ['bool']:
        yield case('select_same_' + dtype, 'SELECT',
                   [t([2, 3], 'bool'), x([2, 3], dtype), x([2, 3], dtype)],
                   [x([2, 3], dtype)], S.SelectOptionsT(), exact=True)
        yield case('select_rows_' + dtype, 'SELECT',
                   [t([4], 'bool'), x([4, 3], dtype), x([4, 3], dtype)],
                   [x([4, 3], dtype)], S.SelectOptionsT(), exact=True)
        for n, c, a, b, out in (('same', [5], [5], [5], [5]),
                                ('cond', [3, 1], [3, 4], [3, 4], [3, 4]),
                                ('scalar', [3, 4], [], [1], [3, 4]),
                                ('mixed', [2, 1, 3], [4, 1], [1, 3],
                                 [2, 4, 3])):
            yield case('select_v2_%s_%s' % (n, dtype), 'SELECT_V2',
                       [t(c, 'bool'), x(a, dtype), x(b, dtype)],
                       [x(out, dtype)], S.SelectV2OptionsT(), exact=True)
    for dtype in ('bool', 'f32', 'i32', 'i64', 'i8', 'u8', 'u32'):
        for n, a in (('1d', [9]), ('2d', [3, 4]), ('3d', [2, 2, 3])):
            f = None
            if dtype != 'bool':
                f = (lambda a: lambda rng, step: rng.integers(0, 2, a))(a)
            yield case('where_%s_%s' % (n, dtype), 'WHERE',
                       [t(a, dtype, feed=f)], [t([1, len(a)], 'i64')],
                       S.WhereOptionsT())


def sparse():
    for dtype in ('i8', 'u8', 'i16', 'i32', 'i64', 'f32'):
        for index in ('i32', 'i64'):
            o = S.UniqueOptionsT()
            o.idxOutType = code(index)
            feed = (lambda rng, step: rng.integers(0, 5, 9))
            yield case('unique_%s_%s' % (dtype, index), 'UNIQUE',
                       [t([9], dtype, feed=feed)],
                       [t([0], dtype), t([9], index)], o, exact=True)
    for dtype in NUMBERS:
        for n, a in (('1d', [3]), ('2d', [2, 3])):
            yield move('matrix_diag_' + n, 'MATRIX_DIAG', dtype, a,
                       a + a[-1:], (), S.MatrixDiagOptionsT())
        for n, a, d in (('square', [3, 3], [3]), ('wide', [2, 2, 4], [2, 2]),
                        ('tall', [1, 4, 3], [1, 3])):
            yield move('matrix_set_diag_' + n, 'MATRIX_SET_DIAG', dtype, a, a,
                       [x(d, dtype)], S.MatrixSetDiagOptionsT())
    for dtype in ('f32', 'i32', 'i64', 'i8', 'u8'):
        for n, idx, shape, count in (('scalar', 3, [5], []),
                                     ('1d', [1, 3], [5], [2]),
                                     ('2d', [[0, 1], [2, 0]], [3, 2], [2])):
            for index in ('i32', 'i64'):
                yield case('sparse_to_dense_%s_%s_%s' % (n, dtype, index),
                           'SPARSE_TO_DENSE',
                           [const(idx, index), const(shape, index),
                            t(count, dtype), const(4, dtype)],
                           [t(shape, dtype)], S.SparseToDenseOptionsT(),
                           exact=True)
    for dtype in ('f32', 'i32'):
        for n, a, ids, k in (('1d', [6], [0, 0, 1, 1, 2, 2], 3),
                             ('2d', [4, 2], [0, 1, 1, 2], 3),
                             ('3d', [3, 2, 2], [0, 0, 1], 2)):
            yield case('segment_sum_%s_%s' % (n, dtype), 'SEGMENT_SUM',
                       [t(a, dtype), const(ids)], [t([k] + a[1:], dtype)],
                       S.SegmentSumOptionsT())
    for n, radius, bias, alpha, beta in (('a', 2, 1.0, 0.5, 0.5),
                                         ('b', 20, 9.0, 4.0, 0.5),
                                         ('c', 1, 1.0, 0.1, 0.75),
                                         ('d', 1, 2.0, 1.0, 1.0)):
        o = S.LocalResponseNormalizationOptionsT()
        o.radius, o.bias, o.alpha, o.beta = radius, bias, alpha, beta
        c = case('lrn_' + n, 'LOCAL_RESPONSE_NORMALIZATION',
                 [x([1, 2, 2, 6])], [x([1, 2, 2, 6])], o)
        # The reference kernel leaves out the last channel of the window.
        c.default_kernels = True
        yield c


def cases():
    for part in (shapes, transposes, slices, joins, pads, gathers, repeats,
                 blocks, resizes, selects, sparse):
        yield from part()
