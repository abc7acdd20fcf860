#!/bin/sh
# Static estimates of the inner loops on Arm cores: bench/mca.sh [FILE.c...]
#
# Compiles kernels for 64-bit Arm, cuts the loop with the most multiply-adds out of the assembly of each and has llvm-mca count the
# cycles of 100 rounds. Prints a Markdown table: multiply-accumulates a cycle and the share of the core's peak. Memory counts as the
# first level of the cache. Needs gcc-aarch64-linux-gnu, and llvm-mca of LLVM 17 or later for its models of Neoverse N1 (the core of
# Cortex-A76 and, nearly, A78) and V1 (that of Cortex-X1): LLVM_MCA=/usr/lib/llvm-19/bin/llvm-mca.
set -eu
cd "$(dirname "$0")/.."
out=build/mca
mkdir -p $out
rm -f $out/*.loop
[ $# -gt 0 ] || set -- src/kernels/gemm_f32/gemm_f32_neon.c src/kernels/gemm_s8/gemm_s8_neon.c src/kernels/gemm_s8/gemm_s8_dotprod.c \
    src/kernels/gemm_s8/gemm_s8_i8mm.c src/kernels/dwconv/dwconv_f32_neon.c src/kernels/dwconv/dwconv_integer_neon.c
for file; do
    march=armv8.2-a
    case $file in *_dotprod.c | *_i8mm.c) march=armv8.2-a+dotprod+i8mm ;; esac
    name=$(basename "$file" .c)
    aarch64-linux-gnu-gcc -std=c11 -O3 -march=$march -ffp-contract=off -Iinclude -Isrc -S "$file" -o "$out/$name.s"
    python3 bench/mca_loops.py "$out/$name.s" "$out"
done
python3 bench/mca_loops.py --table "$out"
