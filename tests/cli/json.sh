# Every command's --json is one valid document with the fields that scripts rely on.
model=$data/digits.tflite
expect 0 "$tmo" inspect "$model" --json
json_has 'd["file_bytes"] > d["gzip_bytes"] > 0 and d["macs"] > 1e6'
json_has 'd["operators"][0]["name"] == "CONV_2D" and d["operators"][0]["version"] >= 1 and d["float_operators"] == []'
json_has 'all(k in d["tensors"][0] for k in "name type shape bytes sparsity distinct quantization".split())'
expect 0 "$tmo" verify "$model" --json
json_has 'd["valid"] and d["faults"] == []'
expect 0 "$tmo" kernels --json
json_has 'len(d["kernels"]) > 0'
expect 0 "$tmo" bench "$model" --json --seconds 0.05 --threads 1 --profile
json_has 'd["min_us"] <= d["median_us"] <= d["p95_us"] and d["load_us"] > 0 and d["first_us"] > 0'
json_has 'all(d[k] > 0 for k in "arena_bytes weight_bytes peak_rss_bytes threads".split()) and d["isa"]'
json_has 'len(d["profile"]) == 13'
expect 0 "$tmo" eval "$model" --data "$images" --limit 200 --json --metric accuracy top5
json_has 'd["metric"] == "accuracy" and d["value"] > 0.97 and d["samples"] == 200'
json_has 'd["ci95"][0] <= d["value"] <= d["ci95"][1] and len(d["metrics"]) == 2'
expect 0 "$tmo" check "$model" --target litert --json
json_has 'd'
expect 0 "$tmo" convert "$model" -o clean.tflite --json
json_has 'd["output_bytes"] > 0 and d["output_gzip_bytes"] > 0 and d["seconds"] >= 0 and "steps" in d'
expect 0 "$tmo" quantize "$model" -o q.tflite --data "$train" --samples 16 --json
json_has 'd["input_bytes"] > 3 * d["output_bytes"] > 0 and d["output_gzip_bytes"] > 0 and d["seconds"] > 0'
json_has 'd["steps"][0]["samples"] == 16 and d["steps"][0]["float_operators"] == []'
expect 0 "$tmo" compare "$model" q.tflite --data "$images" --limit 100 --seconds 0.01 --json
json_has 'd["a"]["value"] > 0.9 and d["b"]["value"] > 0.9 and d["ci95"][0] <= d["difference"] <= d["ci95"][1]'
json_has '0 <= d["mcnemar_p"] <= 1 and d["verdict"] and len(d["layers"]) > 0'
