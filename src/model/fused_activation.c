#include "model/fused_activation.h"

#include <stddef.h>

typedef struct fused_place {
    int32_t code;
    uint8_t tag;
    size_t struct_bytes, offset;
    const void *fallback;
} fused_place;

#define PLACE(code, table)                                                                 \
    {                                                                                      \
        TMOI_OP_##code, TMOI_TAG_##table, sizeof(tmoi_fb_##table),                         \
            offsetof(tmoi_fb_##table, fused_activation_function), &tmoi_fb_default_##table \
    }

static const fused_place fused_places[] = {
    PLACE(CONV_2D, conv2d_options),
    PLACE(DEPTHWISE_CONV_2D, depthwise_conv2d_options),
    PLACE(ADD, add_options),
    PLACE(SUB, sub_options),
    PLACE(MUL, mul_options),
    PLACE(DIV, div_options),
    PLACE(MAX_POOL_2D, pool2d_options),
    PLACE(AVERAGE_POOL_2D, pool2d_options),
    PLACE(L2_POOL_2D, pool2d_options),
    PLACE(FULLY_CONNECTED, fully_connected_options),
    PLACE(TRANSPOSE_CONV, transpose_conv_options),
};

static const fused_place *find_place(const tmoi_op *op)
{
    for (size_t k = 0; k < sizeof fused_places / sizeof fused_places[0]; k++)
        if (fused_places[k].code == op->code) return &fused_places[k];
    return NULL;
}

const int8_t *tmoi_fused_activation(const tmoi_op *op)
{
    const fused_place *place = find_place(op);
    if (!place) return NULL;
    return (const int8_t *)tmoi_union_or_default(&op->options, place->tag, place->fallback) + place->offset;
}

tmo_status tmoi_set_fused_activation(tmoi_arena *arena, tmoi_op *op, int32_t activation, tmoi_ctx *ctx)
{
    const fused_place *place = find_place(op);
    void *options;
    TMO_TRY(tmoi_arena_copy(arena, &options, tmoi_union_or_default(&op->options, place->tag, place->fallback),
                            place->struct_bytes, ctx));
    ((int8_t *)options)[place->offset] = (int8_t)activation;
    op->options = (tmoi_fb_union){place->tag, options};
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

int32_t tmoi_activation_of(int32_t op_code)
{
    switch (op_code) {
    case TMOI_OP_RELU: return TMOI_ACTIVATION_RELU;
    case TMOI_OP_RELU6: return TMOI_ACTIVATION_RELU6;
    case TMOI_OP_RELU_N1_TO_1: return TMOI_ACTIVATION_RELU_N1_TO_1;
    default: return TMOI_ACTIVATION_NONE;
    }
}

int32_t tmoi_activation_combine(int32_t first, int32_t second)
{
    if (first == TMOI_ACTIVATION_NONE || first == second) return second;
    bool rectified = first == TMOI_ACTIVATION_RELU || first == TMOI_ACTIVATION_RELU6;
    if (rectified && second == TMOI_ACTIVATION_RELU) return first;
    if (rectified && second == TMOI_ACTIVATION_RELU6) return TMOI_ACTIVATION_RELU6;
    return -1;
}
