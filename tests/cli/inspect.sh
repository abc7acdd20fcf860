# What is in a model, as text and as JSON.
tmo inspect $model
tmo inspect $model --ops
tmo inspect $model --weights --quiet
json inspect $model -- file_bytes gzip_bytes? macs weights weight_bytes operators# operators[0].index operators[0].name \
    operators[0].version operators[0].macs operators[12].name tensors# tensors[0].name tensors[0].type tensors[0].shape \
    tensors[0].bytes tensors[0].sparsity tensors[0].distinct tensors[0].quantization tensors[16].constant \
    tensors[16].sparsity? tensors[16].distinct? float_operators# inputs outputs
quietly quantize $model -o mixed.tflite --data $train --samples 8 --keep-float SOFTMAX
json inspect mixed.tflite -- float_operators# float_operators[0].name tensors[1].quantization?
# Operators, strings and subgraphs of all kinds.
record control fc_sparse_f32 sparse.tflite
tmo inspect sparse.tflite --ops --tensors --weights
