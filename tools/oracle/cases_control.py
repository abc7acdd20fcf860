"""Control flow, variables, tables, detection, and single odd operators."""
import numpy as np
from flatbuffers import flexbuffers

from singleop import S, case, code, const, graph, is_float, net, op, t



def binary_graph(name, shape, dtype='f32', extra=()):
    a, b, y = (t(shape, dtype) for _ in range(3))
    o = {'ADD': S.AddOptionsT, 'SUB': S.SubOptionsT,
         'MUL': S.MulOptionsT}.get(name)
    return graph([a, b, *extra], [y], [op(name, [a, b], [y], o and o())])


def branches():
    for value in (True, False):
        for dtype in ('f32', 'i32'):
            o = S.IfOptionsT()
            o.thenSubgraphIndex, o.elseSubgraphIndex = 1, 2
            c = t([1], 'bool', feed=[value])
            a, b, y = (t([2, 3], dtype) for _ in range(3))
            main = graph([c, a, b], [y], [op('IF', [c, a, b], [y], o)])
            yield net('if_%s_%s' % (dtype, value), [
                main, binary_graph('ADD', [2, 3], dtype),
                binary_graph('MUL', [2, 3], dtype)])
    # the condition is computed, both results differ from step to step
    o = S.IfOptionsT()
    o.thenSubgraphIndex, o.elseSubgraphIndex = 1, 2
    a, b, y = (t([1], 'i32', feed=(-9, 9)) for _ in range(3))
    c = t([1], 'bool')
    yield net('if_less', [
        graph([a, b], [y], [op('LESS', [a, b], [c]),
                            op('IF', [c, a, b], [y], o)]),
        binary_graph('SUB', [1], 'i32'), binary_graph('MUL', [1], 'i32')],
        steps=5)


def loops():
    def loop(name, limit, start, shape, body_op, dtype, steps=1):
        o = S.WhileOptionsT()
        o.condSubgraphIndex, o.bodySubgraphIndex = 1, 2
        i = t([1], 'i32', feed=start)
        x = t(shape, dtype, feed=(-2, 2) if is_float(dtype) else (-3, 3))
        i2, x2 = t([1], 'i32'), t(shape, dtype)
        main = graph([i, x], [i2, x2], [op('WHILE', [i, x], [i2, x2], o)])
        ci, cx, cy = t([1], 'i32'), t(shape, dtype), t([1], 'bool')
        cond = graph([ci, cx], [cy], [op('LESS', [ci, const([limit])], [cy])])
        bi, bx, bi2, bx2 = (t([1], 'i32'), t(shape, dtype), t([1], 'i32'),
                            t(shape, dtype))
        options = {'ADD': S.AddOptionsT, 'MUL': S.MulOptionsT}[body_op]()
        body = graph([bi, bx], [bi2, bx2],
                     [op('ADD', [bi, const([1])], [bi2], S.AddOptionsT()),
                      op(body_op, [bx, bx], [bx2], options)])
        return net(name, [main, cond, body], steps=steps)
    for dtype in ('f32', 'i32'):
        yield loop('while_add_' + dtype, 4, [0], [2, 2], 'ADD', dtype)
        yield loop('while_mul_' + dtype, 3, [1], [3], 'MUL', dtype)
        yield loop('while_none_' + dtype, 3, [7], [3], 'ADD', dtype)
        yield loop('while_steps_' + dtype, 3, (0, 3), [3], 'ADD', dtype, 4)
    # a loop that grows its tensor
    o = S.WhileOptionsT()
    o.condSubgraphIndex, o.bodySubgraphIndex = 1, 2
    i, x, i2 = t([1], 'i32', feed=[0]), t([1]), t([1], 'i32')
    x2 = t([1], shape_signature=[-1])
    ci, cx, cy = t([1], 'i32'), t([1]), t([1], 'bool')
    bi, bx, bi2, bx2 = t([1], 'i32'), t([1]), t([1], 'i32'), t([2])
    c = S.ConcatenationOptionsT()
    yield net('while_grow', [
        graph([i, x], [i2, x2], [op('WHILE', [i, x], [i2, x2], o)]),
        graph([ci, cx], [cy], [op('LESS', [ci, const([3])], [cy])]),
        graph([bi, bx], [bi2, bx2],
              [op('ADD', [bi, const([1])], [bi2], S.AddOptionsT()),
               op('CONCATENATION', [bx, const([1.5], 'f32')], [bx2], c)])],
        exact=True)


def handle(name):
    o = S.VarHandleOptionsT()
    o.container, o.sharedName = '', name
    h = t([1], 'res')
    return h, op('VAR_HANDLE', [], [h], o)


def variables():
    read, assign = S.ReadVariableOptionsT(), S.AssignVariableOptionsT()
    for dtype in ('f32', 'i32', 'i8', 'i64', 'bool'):
        h, make = handle('v')
        x, y = t([2, 3], dtype), t([2, 3], dtype)
        yield net('variable_' + dtype, [graph(
            [x], [y], [make, op('ASSIGN_VARIABLE', [h, x], [], assign),
                       op('READ_VARIABLE', [h], [y], read)])], exact=True,
            steps=2)
    # an accumulator that CALL_ONCE sets
    for dtype in ('f32', 'i32'):
        o = S.CallOnceOptionsT()
        o.initSubgraphIndex = 1
        h, make = handle('acc')
        x, old, new = t([3], dtype), t([3], dtype), t([3], dtype)
        main = graph([x], [new], [
            op('CALL_ONCE', [], [], o), make,
            op('READ_VARIABLE', [h], [old], read),
            op('ADD', [old, x], [new], S.AddOptionsT()),
            op('ASSIGN_VARIABLE', [h, new], [], assign)])
        h1, make1 = handle('acc')
        init = graph([], [], [make1, op('ASSIGN_VARIABLE', [
            h1, const([1, 2, 3], dtype)], [], assign)])
        yield net('call_once_' + dtype, [main, init], steps=4)


def tables():
    for tag, kt, vt, keys, values, ask, default in (
            ('i64_str', 'i64', 'str', [5, -3, 70], ['five', 'minus', ''],
             [70, 5, 6, -3], ['none']),
            ('str_i64', 'str', 'i64', ['a', 'bc', ''], [10, -20, 30],
             ['bc', 'x', '', 'a'], [-1])):
        o = S.HashtableOptionsT()
        o.tableId, o.keyDtype, o.valueDtype = 1, code(kt), code(vt)
        once = S.CallOnceOptionsT()
        once.initSubgraphIndex = 1
        h, h1 = t([1], 'res'), t([1], 'res')
        x, y, n = t([4], kt, feed=ask), t([4], vt), t([1], 'i64')
        main = graph([x], [y, n], [
            op('CALL_ONCE', [], [], once),
            op('HASHTABLE', [], [h], o),
            op('HASHTABLE_FIND', [h, x, const(default, vt)], [y],
               S.HashtableFindOptionsT()),
            op('HASHTABLE_SIZE', [h], [n], S.HashtableSizeOptionsT())])
        init = graph([], [], [
            op('HASHTABLE', [], [h1], o),
            op('HASHTABLE_IMPORT', [h1, const(keys, kt), const(values, vt)],
               [], S.HashtableImportOptionsT())])
        yield net('hashtable_' + tag, [main, init])
    yield case('hashtable_lookup_f32', 'HASHTABLE_LOOKUP',
               [t([4], 'i32', feed=[12, 3, 7, -4]),
                const([-4, 3, 12], 'i32'), t([3, 2], data='random')],
               [t([4, 2]), t([4], 'u8')], exact=True)


def boxes(rng, n):
    corner = rng.uniform(0, 1, (n, 2))
    size = rng.uniform(0.1, 0.6, (n, 2))
    return np.concatenate([corner, corner + size], 1)


def detection():
    for n in (6, 12):
        for limit in (3, 20):
            for overlap, score in ((0.5, 0.0), (0.2, 0.4), (1.0, 0.3)):
                tag = '%d_%d_%d' % (n, limit, int(overlap * 10))
                b = t([n, 4], feed=lambda rng, step, n=n: boxes(rng, n))
                s = t([n], feed=(0, 1))
                yield case('nms4_' + tag, 'NON_MAX_SUPPRESSION_V4',
                           [b, s, const(limit), const(overlap, 'f32'),
                            const(score, 'f32')],
                           [t([limit], 'i32'), t([], 'i32')],
                           S.NonMaxSuppressionV4OptionsT())
                for sigma in (0.0, 0.5):
                    yield case('nms5_%s_%d' % (tag, sigma * 10),
                               'NON_MAX_SUPPRESSION_V5',
                               [b, s, const(limit), const(overlap, 'f32'),
                                const(score, 'f32'), const(sigma, 'f32')],
                               [t([limit], 'i32'), t([limit]), t([], 'i32')],
                               S.NonMaxSuppressionV5OptionsT())
    for kind in ('f32', 'u8'):
        for regular in (False, True):
            for background in (0, 1):
                n, classes, top = 8, 3, 4
                options = flexbuffers.Dumps({
                    'max_detections': top, 'max_classes_per_detection': 1,
                    'detections_per_class': 5, 'use_regular_nms': regular,
                    'nms_score_threshold': 0.25, 'nms_iou_threshold': 0.45,
                    'num_classes': classes, 'y_scale': 10.0, 'x_scale': 10.0,
                    'h_scale': 5.0, 'w_scale': 5.0})
                q = (((0.02, 125), (1 / 256, 0)) if kind == 'u8'
                     else ((), ()))
                anchors = np.array([[0.2 + 0.6 * (i % 3) / 2,
                                     0.2 + 0.6 * (i // 3) / 2, 0.3, 0.4]
                                    for i in range(n)])
                anchors_t = const(anchors, 'f32')
                if q[0]:
                    anchors_t = const(np.round(anchors * 200), kind,
                                      scale=1 / 200, zero_point=0)
                yield case('detection_%s_%d%d' % (kind, regular, background),
                           'TFLite_Detection_PostProcess',
                           [t([1, n, 4], kind, *q[0]),
                            t([1, n, classes + background], kind, *q[1],
                              feed=(0, 1) if kind == 'f32' else None),
                            anchors_t],
                           [t([1, top, 4]), t([1, top]), t([1, top]), t([1])],
                           custom_options=options)


def sparse_matrix(values):
    """Sparsity of a matrix: dense rows, compressed columns."""
    p = S.SparsityParametersT()
    p.traversalOrder = [0, 1]
    rows, cols = S.DimensionMetadataT(), S.DimensionMetadataT()
    rows.format, rows.denseSize = S.DimensionType.DENSE, values.shape[0]
    cols.format = S.DimensionType.SPARSE_CSR
    seg, idx, kept = [0], [], []
    for row in values:
        where = np.flatnonzero(row)
        idx += where.tolist()
        kept += row[where].tolist()
        seg.append(len(idx))
    for name, v in (('Segments', seg), ('Indices', idx)):
        vec = S.Uint8VectorT()
        vec.values = v
        setattr(cols, 'array' + name, vec)
        setattr(cols, 'array' + name + 'Type',
                S.SparseIndexVector.Uint8Vector)
    p.dimMetadata = [rows, cols]
    return p, kept


def block_matrix(values, bh, bw):
    """Sparsity of a matrix in blocks: outer rows dense, columns compressed."""
    p = S.SparsityParametersT()
    p.traversalOrder, p.blockMap = [0, 1, 2, 3], [0, 1]
    dims = [S.DimensionMetadataT() for _ in range(4)]
    for d, n in ((0, values.shape[0] // bh), (2, bh), (3, bw)):
        dims[d].format, dims[d].denseSize = S.DimensionType.DENSE, n
    seg, idx, kept = [0], [], []
    for r in range(0, values.shape[0], bh):
        for c in range(0, values.shape[1], bw):
            part = values[r:r + bh, c:c + bw]
            if part.any():
                idx.append(c // bw)
                kept += part.ravel().tolist()
        seg.append(len(idx))
    dims[1].format = S.DimensionType.SPARSE_CSR
    for name, v in (('Segments', seg), ('Indices', idx)):
        vec = S.Int32VectorT()
        vec.values = v
        setattr(dims[1], 'array' + name, vec)
        setattr(dims[1], 'array' + name + 'Type',
                S.SparseIndexVector.Int32Vector)
    p.dimMetadata = dims
    return p, kept


def densify():
    rng = np.random.default_rng(1)
    for dtype in ('f32', 'i8', 'f16'):
        values = rng.integers(-9, 10, (4, 6)) * (rng.random((4, 6)) < 0.4)
        p, kept = sparse_matrix(values)
        yield case('densify_rows_' + dtype, 'DENSIFY',
                   [const(kept, dtype, shape=[4, 6], sparsity=p)],
                   [t([4, 6], dtype)], S.DensifyOptionsT(), exact=True)
        mask = np.kron(rng.random((2, 3)) < 0.5, np.ones((2, 2)))
        values = (rng.integers(1, 10, (4, 6)) * mask).astype(int)
        p, kept = block_matrix(values, 2, 2)
        yield case('densify_blocks_' + dtype, 'DENSIFY',
                   [const(kept, dtype, shape=[4, 6], sparsity=p)],
                   [t([4, 6], dtype)], S.DensifyOptionsT(), exact=True)
    # FULLY_CONNECTED on sparse weights
    values = np.zeros((4, 8), int)
    values[0, 1], values[1, 5], values[3, 0], values[3, 7] = 3, -2, 5, 1
    p, kept = sparse_matrix(values)
    yield case('fc_sparse_f32', 'FULLY_CONNECTED',
               [t([2, 8]), const(kept, 'f32', shape=[4, 8], sparsity=p),
                t([4], data=(-1, 1))], [t([2, 4])],
               S.FullyConnectedOptionsT(), version=8)


def spectra():
    for h, w in ((4, 4), (1, 8), (8, 2), (2, 16)):
        yield case('rfft2d_%dx%d' % (h, w), 'RFFT2D',
                   [t([1, h, w]), const([h, w])],
                   [t([1, h, w // 2 + 1], 'c64')], S.Rfft2dOptionsT())
    yield case('rfft2d_pad', 'RFFT2D', [t([1, 3, 5]), const([4, 8])],
               [t([1, 4, 5], 'c64')], S.Rfft2dOptionsT())
    yield case('rfft2d_crop', 'RFFT2D', [t([2, 5, 6]), const([2, 4])],
               [t([2, 2, 3], 'c64')], S.Rfft2dOptionsT())
    for name in ('REAL', 'IMAG', 'COMPLEX_ABS'):
        yield case(name.lower(), name, [t([2, 5], 'c64')], [t([2, 5])],
                   exact=name != 'COMPLEX_ABS')


def singles():
    for dtype in ('f32', 'i32', 'i64', 'f64'):
        o = S.BucketizeOptionsT()
        o.boundaries = [-1.0, 0.0, 2.5, 10.0]
        feed = (-3, 12)
        yield case('bucketize_' + dtype, 'BUCKETIZE',
                   [t([3, 5], dtype, feed=feed)], [t([3, 5], 'i32')], o)
    for a, b, x, y in (('f32', 'i32', [2, 3], [2, 3]),
                       ('i32', 'f32', [4], [4]), ('i64', 'i32', [3], [3, 2]),
                       ('i16', 'i8', [2, 2], [2, 2, 2]),
                       ('u8', 'u32', [2, 4], [2]), ('i32', 'i16', [3], [3, 2]),
                       ('u16', 'i16', [5], [5])):
        yield case('bitcast_%s_%s' % (a, b), 'BITCAST', [t(x, a)], [t(y, b)],
                   S.BitcastOptionsT(), exact=True)
    for dtype in ('i8', 'u8', 'i16', 'u16', 'i32', 'u32'):
        for n, a, b, y in (('same', [2, 6], [2, 6], [2, 6]),
                           ('row', [2, 6], [6], [2, 6]),
                           ('scalar', [5], [], [5])):
            yield case('bitwise_xor_%s_%s' % (dtype, n), 'BITWISE_XOR',
                       [t(a, dtype), t(b, dtype)], [t(y, dtype)],
                       S.BitwiseXorOptionsT())
            yield case('right_shift_%s_%s' % (dtype, n), 'RIGHT_SHIFT',
                       [t(a, dtype), t(b, dtype, feed=(0, 6))],
                       [t(y, dtype)], S.RightShiftOptionsT())
    for dtype in ('f32', 'f64'):
        yield case('atan2_' + dtype, 'ATAN2',
                   [t([3, 7], dtype), t([3, 7], dtype)], [t([3, 7], dtype)],
                   S.ATan2OptionsT())
    yield case('atan2_axes', 'ATAN2',
               [t([8], feed=[0, 0, 1, -1, 0., -0., 2, -2]),
                t([8], feed=[1, -1, 0, 0, 0, -1, 2, -2])], [t([8])],
               S.ATan2OptionsT())
    for kind in ('SUM', 'PROD', 'MAX', 'MIN'):
        name = 'UNSORTED_SEGMENT_' + kind
        options = getattr(S, 'UnsortedSegment%sOptionsT' % kind.title())
        for dtype in ('f32', 'i32'):
            feed = (-4, 4)
            for n, a, ids, k in (('1d', [6], [2, 0, 2, 1, 0, 2], 3),
                                 ('gap', [4, 2], [3, 0, 0, 3], 5),
                                 ('3d', [3, 2, 2], [1, 0, 1], 2),
                                 ('neg', [4], [0, -1, 1, 0], 2)):
                yield case('%s_%s_%s' % (name.lower(), dtype, n), name,
                           [t(a, dtype, feed=feed), const(ids), const(k)],
                           [t([k] + a[1:], dtype)], options())
    for dtype in ('f32', 'i32'):
        for count in (2, 3, 5):
            yield case('add_n_%d_%s' % (count, dtype), 'ADD_N',
                       [t([2, 4], dtype) for _ in range(count)],
                       [t([2, 4], dtype)], S.AddNOptionsT())
    o = S.StableHLOCompositeOptionsT()
    o.name, o.decompositionSubgraphIndex = 'test.sum', 1
    o.compositeAttributes = list(flexbuffers.Dumps({}))
    a, b, y = t([2, 3]), t([2, 3]), t([2, 3])
    yield net('composite_add', [
        graph([a, b], [y], [op('STABLEHLO_COMPOSITE', [a, b], [y], o)]),
        binary_graph('ADD', [2, 3])])
    a, b, y = t([2, 3]), t([2, 3]), t([2, 3])
    z = t([2, 3])
    yield net('composite_then', [
        graph([a, b], [z], [op('STABLEHLO_COMPOSITE', [a, b], [y], o),
                            op('MUL', [y, a], [z], S.MulOptionsT())]),
        binary_graph('SUB', [2, 3])], steps=2)
    for dtype in ('f32', 'i8', 'i32', 'i64'):
        yield case('dilate_' + dtype, 'DILATE',
                   [t([2, 3], dtype), const([2, 3]), const(7, dtype)],
                   [t([3, 7], dtype)], S.DilateOptionsT(), exact=True)


def cases():
    for part in (branches, loops, variables, tables, detection, densify,
                 spectra, singles):
        yield from part()
