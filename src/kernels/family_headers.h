/* The headers of all families. */
#ifndef TMOI_KERNELS_FAMILY_HEADERS_H
#define TMOI_KERNELS_FAMILY_HEADERS_H

#include "kernels/affine/affine.h"
#include "kernels/cast/cast.h"
#include "kernels/cast/fp16.h"
#include "kernels/dwconv/dwconv.h"
#include "kernels/elementwise/elementwise.h"
#include "kernels/gemm_f32/gemm_f32.h"
#include "kernels/gemm_s8/dot_s8.h"
#include "kernels/gemm_s8/gemm_s8.h"
#include "kernels/move/move.h"
#include "kernels/norm/norm.h"
#include "kernels/pool/pool.h"
#include "kernels/quant_rows/quant_rows.h"
#include "kernels/reduce/reduce.h"
#include "kernels/resize/resize.h"
#include "kernels/select/select.h"
#include "kernels/softmax/softmax.h"
#include "kernels/unary/quantized.h"
#include "kernels/winograd/winograd.h"

#endif
