"""The STABLEHLO operators that have kernels, and a few rare operators."""
from singleop import S, case, const, graph, net, op, t

INTS = ('i8', 'i16', 'i32', 'i64')


def arithmetic():
    for name, types in (('ADD', ('f32', 'i16', 'i32', 'i64')),
                        ('MULTIPLY', ('f32', 'i16', 'i32', 'i64')),
                        ('MAXIMUM', ('f32',) + INTS),
                        ('MINIMUM', ('f32',) + INTS),
                        ('AND', ('bool',) + INTS)):
        for dtype in types:
            feed = (-90, 90) if dtype == 'i16' else None
            a, b, y = (t([2, 3, 4], dtype, feed=feed) for _ in range(3))
            yield case('%s_%s' % (name.lower(), dtype), 'STABLEHLO_' + name,
                       [a, b], [y], exact=True)
    for dtype in ('i8', 'i16', 'i32'):
        a, y = t([3, 4], dtype, feed=(-99, 99)), t([3, 4], dtype)
        yield case('shift_left_' + dtype, 'STABLEHLO_SHIFT_LEFT',
                   [a, t([3, 4], dtype, feed=(0, 5))], [y],
                   S.StablehloShiftLeftOptionsT())


def pads():
    for n, low, high, inner, out in (
            ('edges', [1, 0], [0, 2], [0, 0], [3, 5]),
            ('interior', [0, 0], [0, 0], [1, 2], [3, 7]),
            ('all', [1, 1], [2, 0], [2, 1], [7, 6]),
            ('crop', [-1, 0], [1, -1], [0, 0], [2, 2])):
        for dtype in ('f32',) + INTS:
            o = S.StablehloPadOptionsT()
            o.edgePaddingLow, o.edgePaddingHigh = low, high
            o.interiorPadding = inner
            yield case('pad_%s_%s' % (n, dtype), 'STABLEHLO_PAD',
                       [t([2, 3], dtype), const(7, dtype)], [t(out, dtype)],
                       o, exact=True)


def windows():
    bodies = {'add': ('STABLEHLO_ADD', 0), 'mul': ('STABLEHLO_MULTIPLY', 1),
              'max': ('STABLEHLO_MAXIMUM', -99),
              'min': ('STABLEHLO_MINIMUM', 99)}
    for n, (body, start) in bodies.items():
        for dtype in ('f32', 'i32'):
            for tag, size, stride, base, dilation, pad, out in (
                    ('plain', [2, 2], [1, 1], [1, 1], [1, 1], [0] * 4,
                     [3, 4]),
                    ('stride', [2, 3], [2, 2], [1, 1], [1, 1], [0] * 4,
                     [2, 2]),
                    ('pad', [2, 2], [2, 1], [1, 1], [1, 1], [1, 0, 0, 2],
                     [2, 6]),
                    ('dilate', [2, 2], [1, 1], [2, 1], [1, 2], [0] * 4,
                     [6, 3])):
                o = S.StablehloReduceWindowOptionsT()
                o.windowDimensions, o.windowStrides = size, stride
                o.baseDilations, o.windowDilations = base, dilation
                o.padding, o.bodySubgraphIndex = pad, 1
                x = t([4, 5], dtype, feed=(-3, 3))
                y = t(out, dtype)
                a, b, c = (t([], dtype) for _ in range(3))
                yield net('reduce_window_%s_%s_%s' % (n, dtype, tag), [
                    graph([x], [y], [op('STABLEHLO_REDUCE_WINDOW',
                                        [x, const(start, dtype)], [y], o)]),
                    graph([a, b], [c], [op(body, [a, b], [c])])])


def indexed():
    for dtype in ('f32', 'i8', 'i32', 'i64'):
        o = S.StablehloGatherOptionsT()
        o.offsetDims, o.collapsedSliceDims, o.startIndexMap = [1], [0], [0]
        o.indexVectorDim, o.sliceSizes = 1, [1, 3]
        yield case('gather_rows_' + dtype, 'STABLEHLO_GATHER',
                   [t([4, 3], dtype), const([[2], [0], [3], [2]])],
                   [t([4, 3], dtype)], o, exact=True)
        o = S.StablehloGatherOptionsT()
        o.offsetDims, o.collapsedSliceDims = [2, 3], [0]
        o.startIndexMap, o.indexVectorDim = [1, 0], 2
        o.sliceSizes = [1, 2, 2]
        yield case('gather_windows_' + dtype, 'STABLEHLO_GATHER',
                   [t([3, 4, 2], dtype), const([[[0, 0], [1, 0], [2, 1]],
                                                [[0, 1], [1, 1], [0, 2]]],
                                               'i64')],
                   [t([2, 3, 2, 2], dtype)], o, exact=True)
        for n, body in (('add', 'STABLEHLO_ADD'),
                        ('max', 'STABLEHLO_MAXIMUM'), ('set', None)):
            if dtype == 'i8':
                continue
            o = S.StablehloScatterOptionsT()
            o.updateWindowDims, o.insertedWindowDims = [1], [0]
            o.scatterDimsToOperandDims, o.indexVectorDim = [0], 1
            o.updateComputationSubgraphIndex = 1
            x, u, y = t([4, 3], dtype), t([2, 3], dtype), t([4, 3], dtype)
            a, b, c = (t([], dtype) for _ in range(3))
            inner = graph([a, b], [c], [op(body, [a, b], [c])] if body else [])
            if not body:
                inner.outputs = [b]
            yield net('scatter_%s_%s' % (n, dtype), [
                graph([x, u], [y], [op('STABLEHLO_SCATTER',
                                       [x, const([[2], [0]]), u], [y], o)]),
                inner], exact=True)
    for value in (-1, 0, 1, 2, 5):
        o = S.StablehloCaseOptionsT()
        o.branchSubgraphIndices = [1, 2, 3]
        i = t([], 'i32', feed=value)
        x, y = t([4]), t([4])
        branches = []
        for name in ('STABLEHLO_ADD', 'STABLEHLO_MULTIPLY',
                     'STABLEHLO_MAXIMUM'):
            a, c = t([4]), t([4])
            branches.append(graph([a], [c], [op(name, [a, a], [c])]))
        yield net('case_%d' % (value + 1), [
            graph([i, x], [y], [op('STABLEHLO_CASE', [i, x], [y], o)]),
            *branches])


def rare():
    for combiner in (0, 1, 2):
        o = S.EmbeddingLookupSparseOptionsT()
        o.combiner = combiner
        yield case('embedding_lookup_sparse_%d' % combiner,
                   'EMBEDDING_LOOKUP_SPARSE',
                   [t([4], 'i32', feed=[1, 3, 0, 2]),
                    const([[0, 0], [0, 2], [1, 0], [3, 1]]), const([4, 3]),
                    t([4], feed=[1.0, 2.0, 0.5, 4.0]),
                    t([4, 3, 2], data='random')], [t([4, 3, 2])], o)
    for kind in (1, 2):
        for weighted in (False, True):
            o = S.LSHProjectionOptionsT()
            o.type = kind
            weight = [t([5], feed=(0.1, 2))] if weighted else []
            yield case('lsh_projection_%d%d' % (kind, weighted),
                       'LSH_PROJECTION',
                       [const([[0.123, 0.456], [-0.321, -0.654],
                               [1.234, 5.678], [-4.321, 8.765]], 'f32'),
                        t([5], 'i32', feed=[12345, 54321, 67890, 9876, -99]),
                        *weight],
                       [t([4] if kind == 1 else [8], 'i32')], o)
    for n, skip, every in ((3, 0, False), (2, 1, False), (3, 2, True)):
        o = S.SkipGramOptionsT()
        o.ngramSize, o.maxSkipSize, o.includeAllNgrams = n, skip, every
        yield case('skip_gram_%d%d' % (n, skip), 'SKIP_GRAM',
                   [t([1], 'str', feed=['The quick\t brown fox  jumps'])],
                   [t([1], 'str')], o)
    for dtype in ('f32', 'i32', 'bool', 'i8'):
        x, y, z = t([2, 3], dtype), t([3, 2], dtype), t([6], dtype)
        yield net('reshape_twice_' + dtype, [graph([x], [y, z], [
            op('RESHAPE', [x, const([3, 2])], [y]),
            op('RESHAPE', [y, const([-1])], [z])])], exact=True)


def cases():
    for part in (arithmetic, pads, windows, indexed, rare):
        yield from part()
