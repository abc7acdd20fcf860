#include "runtime/ops/moves.h"

#include <assert.h>
#include <string.h>

typedef struct move_step {
    tmoi_move move;
    int32_t input, output;
} move_step;

typedef struct move_list {
    int32_t count, capacity;
    move_step *steps;
    size_t elem_bytes;
    bool fills;
    uint8_t fill[16];
    uint32_t packed_bits; /* of the element type when it is less than a byte, else 0 */
    int32_t scratch;      /* all inputs that steps read, then all outputs, unpacked */
} move_list;

tmo_status tmoi_moves_begin(tmoi_exec *exec, tmoi_node *node, int32_t count, tmoi_ctx *ctx)
{
    TMO_TRY(tmoi_node_state(exec, node, sizeof(move_list), ctx));
    move_list *list = node->state;
    TMO_TRY(tmoi_node_memory(exec, (void **)&list->steps, (size_t)count, sizeof *list->steps, ctx));
    uint32_t bits = tmo_type_bits(node->outputs[0]->type);
    list->capacity = count;
    list->packed_bits = bits < 8 ? bits : 0;
    list->elem_bytes = tmoi_value_elem_bytes(node->outputs[0]);
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmoi_move *tmoi_moves_add(tmoi_node *node, int32_t input, int32_t output)
{
    move_list *list = node->state;
    assert(list->count < list->capacity);
    move_step *step = &list->steps[list->count++];
    step->input = input;
    step->output = output;
    step->move.elem_bytes = list->elem_bytes;
    return &step->move;
}

void tmoi_moves_fill(tmoi_node *node, const void *elem)
{
    move_list *list = node->state;
    list->fills = true;
    memcpy(list->fill, elem, list->elem_bytes);
}

/* True for inputs that hold elements to move, not shapes or axes. */
static bool is_read(const move_list *list, int32_t input)
{
    for (int32_t k = 0; k < list->count; k++)
        if (list->steps[k].input == input) return true;
    return false;
}

static size_t unpacked_bytes(const tmoi_value *value)
{
    return tmoi_align_up((size_t)tmoi_value_count(value), 16);
}

tmo_status tmoi_moves_end(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    move_list *list = node->state;
    size_t bytes = 0;
    for (int32_t k = 0; k < list->count; k++) tmoi_move_simplify(&list->steps[k].move);
    node->kernel = TMOI_KERNEL_NAME(exec->kernels, move);
    if (!list->packed_bits) return TMO_STATUS_OK;
    for (int32_t k = 0; k < node->input_count; k++)
        if (is_read(list, k)) bytes += unpacked_bytes(node->inputs[k]);
    for (int32_t k = 0; k < node->output_count; k++) bytes += unpacked_bytes(node->outputs[k]);
    return tmoi_node_scratch(node, bytes, &list->scratch, ctx);
}

/* Where value k lies unpacked: inputs first, then outputs. */
static uint8_t *unpacked_place(const tmoi_node *node, bool output, int32_t index)
{
    const move_list *list = node->state;
    uint8_t *place = node->scratch[list->scratch];
    for (int32_t k = 0; k < (output ? node->input_count : index); k++)
        if (is_read(list, k)) place += unpacked_bytes(node->inputs[k]);
    for (int32_t k = 0; output && k < index; k++) place += unpacked_bytes(node->outputs[k]);
    return place;
}

static void eval_packed(const tmoi_exec *exec, const tmoi_node *node)
{
    const move_list *list = node->state;
    uint32_t bits = list->packed_bits;
    for (int32_t k = 0; k < node->input_count; k++)
        if (is_read(list, k))
            tmoi_move_unpack_bits(node->inputs[k]->data, unpacked_place(node, false, k),
                                  tmoi_value_count(node->inputs[k]), bits);
    if (list->fills)
        tmoi_move_fill(unpacked_place(node, true, 0), list->fill, 1, tmoi_value_count(node->outputs[0]));
    for (int32_t k = 0; k < list->count; k++) {
        const move_step *step = &list->steps[k];
        uint8_t *out = unpacked_place(node, true, step->output);
        const uint8_t *in = step->input == TMOI_MOVE_FROM_OUTPUT ? out
                                                                 : unpacked_place(node, false, step->input);
        TMOI_KERNEL_OF(exec->kernels, move)(&step->move, in, out);
    }
    for (int32_t k = 0; k < node->output_count; k++)
        tmoi_move_pack_bits(unpacked_place(node, true, k), node->outputs[k]->data,
                            tmoi_value_count(node->outputs[k]), bits);
}

typedef struct move_job {
    tmoi_move_function function;
    const tmoi_move *move;
    const unsigned char *in;
    unsigned char *out;
} move_job;

/* Indices of the outermost dimension. */
static void move_part(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const move_job *job = argument;
    tmoi_move part = *job->move;
    (void)thread;
    part.in_offset += begin * part.in_stride[0];
    part.out_offset += begin * part.out_stride[0];
    part.dims[0] = end - begin;
    job->function(&part, job->in, job->out);
}

/* A block of bytes. */
static void copy_part(void *argument, int64_t begin, int64_t end, int32_t thread)
{
    const move_job *job = argument;
    (void)thread;
    memcpy(job->out + job->move->out_offset + begin, job->in + job->move->in_offset + begin,
           (size_t)(end - begin));
}

static void run_step(const tmoi_exec *exec, const tmoi_move *move, const void *in, void *out)
{
    move_job job = {TMOI_KERNEL_OF(exec->kernels, move), move, in, out};
    int64_t bytes = (int64_t)move->elem_bytes;
    for (int32_t k = 1; k < move->rank; k++) bytes *= move->dims[k];
    if (move->rank == 0)
        tmoi_parallel_for(exec->pool, bytes, tmoi_grain(1), copy_part, &job);
    else if (bytes > 0)
        tmoi_parallel_for(exec->pool, move->dims[0], tmoi_grain(bytes), move_part, &job);
}

tmo_status tmoi_moves_eval(tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const move_list *list = node->state;
    (void)ctx;
    if (list->packed_bits) {
        eval_packed(exec, node);
        return TMO_STATUS_OK;
    }
    if (list->fills)
        tmoi_move_fill(node->outputs[0]->data, list->fill, list->elem_bytes,
                       tmoi_value_count(node->outputs[0]));
    for (int32_t k = 0; k < list->count; k++) {
        const move_step *step = &list->steps[k];
        void *out = node->outputs[step->output]->data;
        const void *in = step->input == TMOI_MOVE_FROM_OUTPUT ? out : node->inputs[step->input]->data;
        if (step->input == TMOI_MOVE_FROM_OUTPUT)
            TMOI_KERNEL_OF(exec->kernels, move)(&step->move, in, out);
        else
            run_step(exec, &step->move, in, out);
    }
    return TMO_STATUS_OK;
}
