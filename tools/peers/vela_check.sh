#!/bin/sh
# Compile a .tflite with Arm's NPU compiler (ethos-u-vela) and print how many operators land on the NPU and on the CPU.
# usage: [VELA=vela] vela_check.sh MODEL [ACCELERATOR]      (default ethos-u55-128, vela's default system configuration)
set -eu
[ $# -ge 1 ] || { echo "usage: vela_check.sh MODEL [ACCELERATOR]" >&2; exit 2; }
model=$1
accelerator=${2:-ethos-u55-128}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
if ! "${VELA:-vela}" "$model" --accelerator-config "$accelerator" --output-dir "$folder" --show-cpu-operations >"$folder/log" 2>&1; then
    tail -n 3 "$folder/log" >&2
    echo "vela_check: $model: vela failed" >&2
    exit 1
fi
echo "$model on $accelerator"
grep -E '^(CPU|NPU) operators|^Total .* used|^Batch Inference time' "$folder/log"
