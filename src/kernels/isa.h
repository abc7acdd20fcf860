/* How variants.def names the variants of an instruction set: TMOI_KERNEL_AVX2(family, function, exact) is a TMOI_KERNEL where
 * kernels for AVX2 are built, and nothing elsewhere. So the lists need no #if. */
#ifndef TMOI_KERNELS_ISA_H
#define TMOI_KERNELS_ISA_H

#ifdef TMO_ISA_AVX2
#define TMOI_KERNEL_AVX2(family, function, exact) TMOI_KERNEL(family, TMOI_CPU_AVX2, function, exact)
#else
#define TMOI_KERNEL_AVX2(family, function, exact)
#endif

#ifdef TMO_ISA_AVXVNNI
#define TMOI_KERNEL_AVXVNNI(family, function, exact) \
    TMOI_KERNEL(family, TMOI_CPU_AVX2 | TMOI_CPU_AVXVNNI, function, exact)
#else
#define TMOI_KERNEL_AVXVNNI(family, function, exact)
#endif

#ifdef TMO_ISA_AVX512
#define TMOI_KERNEL_AVX512(family, function, exact) \
    TMOI_KERNEL(family, TMOI_CPU_AVX2 | TMOI_CPU_AVX512, function, exact)
#else
#define TMOI_KERNEL_AVX512(family, function, exact)
#endif

#ifdef TMO_ISA_AVX512VNNI
#define TMOI_KERNEL_AVX512VNNI(family, function, exact) \
    TMOI_KERNEL(family, TMOI_CPU_AVX2 | TMOI_CPU_AVX512 | TMOI_CPU_AVX512VNNI, function, exact)
#else
#define TMOI_KERNEL_AVX512VNNI(family, function, exact)
#endif

#ifdef TMO_ISA_AMX
#define TMOI_KERNEL_AMX_INT8(family, function, exact)                                                        \
    TMOI_KERNEL(family, TMOI_CPU_AVX2 | TMOI_CPU_AVX512 | TMOI_CPU_AVX512VNNI | TMOI_CPU_AMX_INT8, function, \
                exact)
#else
#define TMOI_KERNEL_AMX_INT8(family, function, exact)
#endif

#ifdef TMO_ISA_AMX
#define TMOI_KERNEL_AMX_BF16(family, function, exact)                                                        \
    TMOI_KERNEL(family, TMOI_CPU_AVX2 | TMOI_CPU_AVX512 | TMOI_CPU_AVX512VNNI | TMOI_CPU_AMX_BF16, function, \
                exact)
#else
#define TMOI_KERNEL_AMX_BF16(family, function, exact)
#endif

#ifdef TMO_ISA_NEON
#define TMOI_KERNEL_NEON(family, function, exact) TMOI_KERNEL(family, TMOI_CPU_NEON, function, exact)
#else
#define TMOI_KERNEL_NEON(family, function, exact)
#endif

#ifdef TMO_ISA_DOTPROD
#define TMOI_KERNEL_DOTPROD(family, function, exact) \
    TMOI_KERNEL(family, TMOI_CPU_NEON | TMOI_CPU_DOTPROD, function, exact)
#else
#define TMOI_KERNEL_DOTPROD(family, function, exact)
#endif

#ifdef TMO_ISA_I8MM
#define TMOI_KERNEL_I8MM(family, function, exact) \
    TMOI_KERNEL(family, TMOI_CPU_NEON | TMOI_CPU_DOTPROD | TMOI_CPU_I8MM, function, exact)
#else
#define TMOI_KERNEL_I8MM(family, function, exact)
#endif

#ifdef TMO_ISA_FP16
#define TMOI_KERNEL_FP16(family, function, exact) \
    TMOI_KERNEL(family, TMOI_CPU_NEON | TMOI_CPU_FP16, function, exact)
#else
#define TMOI_KERNEL_FP16(family, function, exact)
#endif

#ifdef TMO_ISA_SIMD128
#define TMOI_KERNEL_SIMD128(family, function, exact) TMOI_KERNEL(family, TMOI_CPU_SIMD128, function, exact)
#else
#define TMOI_KERNEL_SIMD128(family, function, exact)
#endif

#endif
