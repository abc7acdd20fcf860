"""What the peer scripts share: LiteRT interpreters, samples from .npz files, and repair of old model files."""
import numpy as np
from ai_edge_litert import interpreter as litert
from ai_edge_litert import schema_py_generated as schema


def open_model(path, ref=False, threads=1):
    """A LiteRT interpreter; `ref` asks for the reference kernels instead of the optimized ones and XNNPACK."""
    resolver = litert.OpResolverType.BUILTIN_REF if ref else litert.OpResolverType.AUTO
    return litert.Interpreter(model_path=str(path), num_threads=threads, experimental_op_resolver_type=resolver)


def load_samples(path):
    """The arrays of an .npz file, one a model input in input order, each with a leading sample axis."""
    with np.load(path) as data:
        return [data[name] for name in data.files]


def sample_inputs(interpreter, arrays, index):
    """Sample `index`, shaped for the model: the sample axis stands for the batch where the model has one more axis."""
    inputs = []
    for detail, array in zip(interpreter.get_input_details(), arrays, strict=True):
        rank = len(detail["shape"])
        inputs.append(array[index] if array.ndim == rank + 1 else array[index:index + 1])
    return inputs


def quantize_array(array, detail):
    """`array` as the tensor takes it: quantized where the tensor is and the array is not."""
    scale, zero_point = detail["quantization"]
    if array.dtype == detail["dtype"] or not scale:
        return array.astype(detail["dtype"])
    limits = np.iinfo(detail["dtype"])
    return np.clip(np.round(array / scale) + zero_point, limits.min, limits.max).astype(detail["dtype"])


def dequantize_array(array, detail):
    scale, zero_point = detail["quantization"]
    return (array.astype(np.float32) - zero_point) * np.float32(scale) if scale else array


def run(interpreter, inputs):
    """One inference: float inputs are quantized where the model wants that; the outputs come as they are."""
    details = interpreter.get_input_details()
    for detail, array in zip(details, inputs, strict=True):
        if tuple(detail["shape"]) != array.shape:
            interpreter.resize_tensor_input(detail["index"], array.shape)
    interpreter.allocate_tensors()
    for detail, array in zip(details, inputs, strict=True):
        interpreter.set_tensor(detail["index"], quantize_array(array, detail))
    interpreter.invoke()
    return [interpreter.get_tensor(detail["index"]) for detail in interpreter.get_output_details()]


def run_samples(interpreter, arrays, real=False):
    """Every output over all samples, stacked; `real` turns quantized outputs into real numbers."""
    stacks = []
    for index in range(len(arrays[0])):
        outputs = run(interpreter, sample_inputs(interpreter, arrays, index))
        if real:
            outputs = [dequantize_array(o, d) for o, d in zip(outputs, interpreter.get_output_details())]
        stacks.append(outputs)
    return [np.stack(column) for column in zip(*stacks)]


def modernized(blob):
    """The bytes of a model file as ai-edge-quantizer can use them: `builtin_code` filled, a signature, float32 weights."""
    import flatbuffers
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(bytearray(blob), 0))
    for code in model.operatorCodes:
        code.builtinCode = max(code.builtinCode, code.deprecatedBuiltinCode)
    if not model.signatureDefs:
        graph = model.subgraphs[0]
        signature = schema.SignatureDefT()
        signature.signatureKey = b"serving_default"
        signature.subgraphIndex = 0
        signature.inputs = tensor_maps("input", graph.inputs)
        signature.outputs = tensor_maps("output", graph.outputs)
        model.signatureDefs = [signature]
    for number, graph in enumerate(model.subgraphs):
        dropped = unfold_float16(model, graph)
        drop_tensors(graph, dropped, [s for s in model.signatureDefs if s.subgraphIndex == number])
    builder = flatbuffers.Builder(len(blob))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def unfold_float16(model, graph):
    """Turn each DEQUANTIZE of a float16 constant into a float32 constant; the numbers of the tensors left over."""
    kept, halves = [], set()
    for operator in graph.operators:
        source = graph.tensors[operator.inputs[0]] if len(operator.inputs) else None
        code = model.operatorCodes[operator.opcodeIndex].builtinCode
        data = model.buffers[source.buffer].data if source else None
        if code != schema.BuiltinOperator.DEQUANTIZE or source.type != schema.TensorType.FLOAT16 or data is None:
            kept.append(operator)
            continue
        buffer = schema.BufferT()
        buffer.data = np.asarray(data, np.uint8).view(np.float16).astype(np.float32).view(np.uint8)
        graph.tensors[operator.outputs[0]].buffer = len(model.buffers)
        model.buffers.append(buffer)
        halves.add(int(operator.inputs[0]))
    graph.operators = kept
    for number in halves:
        model.buffers[graph.tensors[number].buffer].data = None
    return halves


def drop_tensors(graph, dropped, signatures):
    """Take unused tensors out of a graph, and renumber the others."""
    kept = [number for number in range(len(graph.tensors)) if number not in dropped]
    new = {number: place for place, number in enumerate(kept)} | {-1: -1}
    graph.tensors = [graph.tensors[number] for number in kept]
    for holder in [graph, *graph.operators]:
        for field in ("inputs", "outputs", "intermediates"):
            numbers = getattr(holder, field, None)
            if numbers is not None:
                setattr(holder, field, np.array([new[int(n)] for n in numbers], np.int32))
    for signature in signatures:
        for entry in [*signature.inputs, *signature.outputs]:
            entry.tensorIndex = new[int(entry.tensorIndex)]


def tensor_maps(stem, tensors):
    maps = []
    for number, index in enumerate(tensors):
        entry = schema.TensorMapT()
        entry.name = f"{stem}{number}".encode()
        entry.tensorIndex = int(index)
        maps.append(entry)
    return maps
