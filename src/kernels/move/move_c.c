#include <stdint.h>
#include <string.h>

#define TILE_FUNCTION(bytes)                                                                         \
    static void tile_##bytes(const uint8_t *in, int64_t in_stride, uint8_t *out, int64_t out_stride) \
    {                                                                                                \
        for (int i = 0; i < 8; i++)                                                                  \
            for (int j = 0; j < 8; j++)                                                              \
                memcpy(out + j * out_stride + i * bytes, in + i * in_stride + j * bytes, bytes);     \
    }
TILE_FUNCTION(1)
TILE_FUNCTION(2)
TILE_FUNCTION(4)

#define TMOI_MOVE_TILE(bytes) tile_##bytes
#define TMOI_MOVE             tmoi_move_c
#include "kernels/move/move_body.h"
