#include <arm_neon.h>

/* Blocks of four by four, exchanged as a whole across the tile's diagonal. */
static inline void block_4(const uint8_t *in, int64_t in_stride, uint8_t *out, int64_t out_stride)
{
    uint32x4_t row[4];
    for (int k = 0; k < 4; k++) row[k] = vreinterpretq_u32_u8(vld1q_u8(in + k * in_stride));
    uint32x4x2_t ab = vtrnq_u32(row[0], row[1]), cd = vtrnq_u32(row[2], row[3]);
    uint32x4_t column[4] = {vcombine_u32(vget_low_u32(ab.val[0]), vget_low_u32(cd.val[0])),
                            vcombine_u32(vget_low_u32(ab.val[1]), vget_low_u32(cd.val[1])),
                            vcombine_u32(vget_high_u32(ab.val[0]), vget_high_u32(cd.val[0])),
                            vcombine_u32(vget_high_u32(ab.val[1]), vget_high_u32(cd.val[1]))};
    for (int k = 0; k < 4; k++) vst1q_u8(out + k * out_stride, vreinterpretq_u8_u32(column[k]));
}

static void tile_4(const uint8_t *in, int64_t in_stride, uint8_t *out, int64_t out_stride)
{
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            block_4(in + 4 * i * in_stride + 16 * j, in_stride, out + 4 * j * out_stride + 16 * i,
                    out_stride);
}

static void tile_1(const uint8_t *in, int64_t in_stride, uint8_t *out, int64_t out_stride)
{
    uint8x8_t row[8];
    for (int k = 0; k < 8; k++) row[k] = vld1_u8(in + k * in_stride);
    for (int k = 0; k < 4; k++) {
        uint8x8x2_t pair = vtrn_u8(row[2 * k], row[2 * k + 1]);
        row[2 * k] = pair.val[0];
        row[2 * k + 1] = pair.val[1];
    }
    for (int k = 0; k < 8; k += 4)
        for (int j = 0; j < 2; j++) {
            uint16x4x2_t pair = vtrn_u16(vreinterpret_u16_u8(row[k + j]),
                                         vreinterpret_u16_u8(row[k + 2 + j]));
            row[k + j] = vreinterpret_u8_u16(pair.val[0]);
            row[k + 2 + j] = vreinterpret_u8_u16(pair.val[1]);
        }
    for (int j = 0; j < 4; j++) {
        uint32x2x2_t pair = vtrn_u32(vreinterpret_u32_u8(row[j]), vreinterpret_u32_u8(row[4 + j]));
        vst1_u8(out + j * out_stride, vreinterpret_u8_u32(pair.val[0]));
        vst1_u8(out + (4 + j) * out_stride, vreinterpret_u8_u32(pair.val[1]));
    }
}

static void tile_2(const uint8_t *in, int64_t in_stride, uint8_t *out, int64_t out_stride)
{
    uint16x8_t row[8];
    for (int k = 0; k < 8; k++) row[k] = vreinterpretq_u16_u8(vld1q_u8(in + k * in_stride));
    for (int k = 0; k < 4; k++) {
        uint16x8x2_t pair = vtrnq_u16(row[2 * k], row[2 * k + 1]);
        row[2 * k] = pair.val[0];
        row[2 * k + 1] = pair.val[1];
    }
    for (int k = 0; k < 8; k += 4)
        for (int j = 0; j < 2; j++) {
            uint32x4x2_t pair = vtrnq_u32(vreinterpretq_u32_u16(row[k + j]),
                                          vreinterpretq_u32_u16(row[k + 2 + j]));
            row[k + j] = vreinterpretq_u16_u32(pair.val[0]);
            row[k + 2 + j] = vreinterpretq_u16_u32(pair.val[1]);
        }
    for (int j = 0; j < 4; j++) {
        uint8x16_t low = vreinterpretq_u8_u16(vcombine_u16(vget_low_u16(row[j]), vget_low_u16(row[4 + j])));
        uint8x16_t high = vreinterpretq_u8_u16(
            vcombine_u16(vget_high_u16(row[j]), vget_high_u16(row[4 + j])));
        vst1q_u8(out + j * out_stride, low);
        vst1q_u8(out + (4 + j) * out_stride, high);
    }
}

#define TMOI_MOVE_TILE(bytes) tile_##bytes
#define TMOI_MOVE             tmoi_move_neon
#include "kernels/move/move_body.h"
