/* tmo/session.h: running a model. */
#include "runtime/session.h"

#include <stddef.h>
#include <string.h>

#include "api/handle.h"
#include "model/macs.h"
#include "runtime/weights.h"
#include "tmo/session.h"

typedef struct profile_entry {
    uint64_t calls, time_ns, macs;
    const char *kernel;
} profile_entry;

struct tmo_session {
    tmo_allocator allocator;
    const tmo_model *model;
    tmoi_session *session;
    tmo_custom_operator *custom; /* [custom_count] */
    tmoi_custom_op *custom_ops;
    int32_t subgraph;
    profile_entry **profile; /* per subgraph and operator; NULL without profile */
};

struct tmo_thread_pool {
    tmo_allocator allocator;
    tmoi_thread_pool *threads;
};

static const tmo_option session_table[] = {
    {"threads", TMO_OPTION_INT32, offsetof(tmo_session_options, threads), 1, 1024, 0, NULL,
     "threads; 0: one a physical core"},
    {"arithmetic", TMO_OPTION_CHOICE, offsetof(tmo_session_options, arithmetic), 0, 1, 0, "default|reference",
     "default, or reference: the bits of TFLite's reference kernels"},
    {"isa", TMO_OPTION_TEXT, offsetof(tmo_session_options, isa), 0, 0, 0, NULL,
     "the highest instruction set to use, such as c or avx2"},
    {"max-arena-bytes", TMO_OPTION_UINT64, offsetof(tmo_session_options, max_arena_bytes), 1, 1e15,
     4294967296.0, NULL, "the most memory for activations, in bytes"},
    {"max-loop-steps", TMO_OPTION_UINT64, offsetof(tmo_session_options, max_loop_steps), 1, 1e15, 1e6, NULL,
     "the most steps that loops may take in one run"},
    {"keep-all-tensors", TMO_OPTION_BOOL, offsetof(tmo_session_options, keep_all_tensors), 0, 1, 0, NULL,
     "keep every tensor readable after a run"},
    {"profile", TMO_OPTION_BOOL, offsetof(tmo_session_options, profile), 0, 1, 0, NULL,
     "measure the time of each operator"},
    {"weights-cache", TMO_OPTION_TEXT, offsetof(tmo_session_options, weights_cache), 0, 0, 0, NULL,
     "a file, or a folder for many models, that keeps the weights as the kernels want them"},
    {"as-written", TMO_OPTION_BOOL, offsetof(tmo_session_options, as_written), 0, 1, 0, NULL,
     "run each operator of the model on its own"},
    {"reduced-float", TMO_OPTION_BOOL, offsetof(tmo_session_options, reduced_float), 0, 1, 0, NULL,
     "multiply floats rounded to bfloat16 where that is faster (AMX)"},
};

const tmo_option *tmo_session_option_table(size_t *count)
{
    *count = sizeof session_table / sizeof session_table[0];
    return session_table;
}

/* ---- views ---- */

static void view_of(const tmoi_value *value, tmo_tensor_view *view)
{
    *view = (tmo_tensor_view){.struct_size = sizeof *view,
                              .name = value->tensor->name,
                              .type = value->type,
                              .rank = value->shape.rank,
                              .data = value->data,
                              .size_bytes = value->bytes};
    memcpy(view->shape, value->shape.dims, sizeof view->shape);
    if (value->quant->count == 1) {
        view->scale = value->quant->scale[0];
        view->zero_point = (int32_t)value->quant->zero_point[0];
    }
}

static tmo_status give_view(const tmoi_value *value, tmo_tensor_view *view)
{
    tmo_tensor_view full;
    view_of(value, &full);
    tmoi_info_copy(view, &full, sizeof full);
    return TMO_STATUS_OK;
}

/* ---- custom operators of the caller ---- */

enum { MAX_CUSTOM_TENSORS = 64 };

static tmo_status custom_result(tmo_status status, const char *name, tmoi_ctx *ctx)
{
    if (status == TMO_STATUS_OK) return status;
    return tmoi_fail(ctx, status, "custom operator '%s' failed: %s", name, tmo_status_text(status));
}

static tmo_status custom_infer(void *user, tmoi_infer *infer, tmoi_ctx *ctx)
{
    const tmo_custom_operator *custom = user;
    tmo_tensor_view inputs[MAX_CUSTOM_TENSORS], outputs[MAX_CUSTOM_TENSORS];
    if (!custom->infer) return TMO_STATUS_OK;
    TMO_FAIL_IF(infer->input_count > MAX_CUSTOM_TENSORS || infer->output_count > MAX_CUSTOM_TENSORS,
                UNSUPPORTED_OPERATOR, ctx, "a custom operator has at most %d inputs and outputs",
                MAX_CUSTOM_TENSORS);
    for (int32_t k = 0; k < infer->input_count; k++) {
        const tmoi_infer_input *in = &infer->inputs[k];
        inputs[k] = (tmo_tensor_view){
            .struct_size = sizeof inputs[k], .type = in->type, .rank = in->shape.rank};
        memcpy(&inputs[k].data, &in->data, sizeof in->data); /* the callback takes its inputs as const */
        memcpy(inputs[k].shape, in->shape.dims, sizeof inputs[k].shape);
    }
    for (int32_t k = 0; k < infer->output_count; k++) {
        const tmoi_infer_output *out = &infer->outputs[k];
        outputs[k] = (tmo_tensor_view){
            .struct_size = sizeof outputs[k], .type = out->type, .rank = out->shape.rank};
        memcpy(outputs[k].shape, out->shape.dims, sizeof outputs[k].shape);
    }
    TMO_TRY(custom_result(custom->infer(custom->user, infer->op->custom_options.data,
                                        infer->op->custom_options.count, inputs, infer->input_count, outputs,
                                        infer->output_count),
                          custom->name, ctx));
    for (int32_t k = 0; k < infer->output_count; k++) {
        TMO_FAIL_IF(outputs[k].rank < 0 || outputs[k].rank > TMO_MAX_RANK, INVALID_MODEL, ctx,
                    "custom operator '%s' gives rank %d", custom->name, (int)outputs[k].rank);
        infer->outputs[k].shape.rank = outputs[k].rank;
        memcpy(infer->outputs[k].shape.dims, outputs[k].shape, sizeof outputs[k].shape);
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void fill_views(tmoi_value *const *values, int32_t count, tmo_tensor_view *views)
{
    for (int32_t k = 0; k < count; k++) {
        views[k] = (tmo_tensor_view){.struct_size = sizeof views[k]};
        if (values[k]) view_of(values[k], &views[k]);
    }
}

static tmo_status custom_eval(void *user, tmoi_exec *exec, tmoi_node *node, tmoi_ctx *ctx)
{
    const tmo_custom_operator *custom = user;
    tmo_tensor_view inputs[MAX_CUSTOM_TENSORS], outputs[MAX_CUSTOM_TENSORS];
    (void)exec;
    TMO_FAIL_IF(node->input_count > MAX_CUSTOM_TENSORS || node->output_count > MAX_CUSTOM_TENSORS,
                UNSUPPORTED_OPERATOR, ctx, "a custom operator has at most %d inputs and outputs",
                MAX_CUSTOM_TENSORS);
    fill_views(node->inputs, node->input_count, inputs);
    fill_views(node->outputs, node->output_count, outputs);
    return custom_result(custom->run(custom->user, node->op->custom_options.data,
                                     node->op->custom_options.count, inputs, node->input_count, outputs,
                                     node->output_count),
                         custom->name, ctx);
fail:
    return ctx->error.status;
}

static tmo_status take_custom(tmo_session *session, const tmo_session_options *options, tmoi_ctx *ctx)
{
    size_t count = (size_t)options->custom_operator_count;
    TMO_TRY(tmoi_new(ctx, &session->custom, count));
    TMO_TRY(tmoi_new(ctx, &session->custom_ops, count));
    for (size_t k = 0; k < count; k++) {
        const tmo_custom_operator *custom = &options->custom_operators[k];
        TMO_FAIL_IF(!custom->name || !custom->run, INVALID_ARGUMENT, ctx,
                    "session: custom operator %zu needs a name and a run function", k);
        session->custom[k] = *custom;
        session->custom_ops[k] = (tmoi_custom_op){custom->name, &session->custom[k], custom_infer,
                                                  custom_eval};
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* ---- profile ---- */

/* Of a node and all that runs as a part of it. */
static uint64_t macs_of(const tmoi_subgraph *subgraph, const tmoi_node *node)
{
    uint64_t macs = node->part_count ? 0 : tmoi_op_macs(subgraph, node->op);
    for (int32_t k = 0; k < node->part_count; k++) macs += tmoi_op_macs(subgraph, node->parts[k]->op);
    return macs;
}

static void record(void *user, int32_t subgraph, int32_t op, const tmoi_node *node, uint64_t time_ns)
{
    const tmo_session *session = user;
    profile_entry *entry = &session->profile[subgraph][op];
    if (entry->calls == 0) entry->macs = macs_of(&session->model->graph->subgraphs[subgraph], node);
    entry->calls++;
    entry->time_ns += time_ns;
    entry->kernel = node->kernel;
}

static tmo_status make_profile(tmo_session *session, tmoi_ctx *ctx)
{
    const tmoi_graph *graph = session->model->graph;
    TMO_TRY(tmoi_new(ctx, &session->profile, (size_t)graph->subgraph_count));
    for (int32_t k = 0; k < graph->subgraph_count; k++)
        TMO_TRY(tmoi_new(ctx, &session->profile[k], (size_t)graph->subgraphs[k].op_count));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static void free_profile(tmo_session *session)
{
    for (int32_t k = 0; session->profile && k < session->model->graph->subgraph_count; k++)
        tmoi_release(&session->allocator, session->profile[k]);
    tmoi_release(&session->allocator, session->profile);
}

/* The k-th operator that ran, in the order of subgraphs and operators; its index in *op. NULL when there are fewer. */
static const profile_entry *find_profile(const tmo_session *session, int32_t k, int32_t *subgraph,
                                         int32_t *op)
{
    const tmoi_graph *graph = session->model->graph;
    for (*subgraph = 0; session->profile && *subgraph < graph->subgraph_count; ++*subgraph)
        for (*op = 0; *op < graph->subgraphs[*subgraph].op_count; ++*op)
            if (session->profile[*subgraph][*op].calls && k-- == 0) return &session->profile[*subgraph][*op];
    return NULL;
}

int32_t tmo_session_profile_count(const tmo_session *session)
{
    int32_t count = 0, subgraph, op;
    while (find_profile(session, count, &subgraph, &op)) count++;
    return count;
}

tmo_status tmo_session_profile(const tmo_session *session, int32_t k, tmo_profile_entry *entry,
                               tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    int32_t subgraph, op;
    const profile_entry *found = k < 0 ? NULL : find_profile(session, k, &subgraph, &op);
    TMO_FAIL_IF(!found, INVALID_ARGUMENT, &ctx, "profile entry %d is out of range", (int)k);
    tmo_profile_entry full = {.subgraph = subgraph,
                              .op = op,
                              .name = tmoi_op_name(&session->model->graph->subgraphs[subgraph].ops[op]),
                              .kernel = found->kernel ? found->kernel : "",
                              .calls = found->calls,
                              .time_ns = found->time_ns,
                              .macs = found->macs};
    tmoi_info_copy(entry, &full, sizeof full);
fail:
    return tmoi_ctx_finish(&ctx, error);
}

void tmo_session_profile_reset(tmo_session *session)
{
    const tmoi_graph *graph = session->model->graph;
    for (int32_t k = 0; session->profile && k < graph->subgraph_count; k++)
        memset(session->profile[k], 0, (size_t)graph->subgraphs[k].op_count * sizeof(profile_entry));
}

/* ---- life ---- */

tmo_status tmoi_cpu_of_isa(uint32_t *out, const char *isa, tmoi_ctx *ctx)
{
    uint32_t mask;
    *out = tmoi_cpu_features();
    if (!isa) return TMO_STATUS_OK;
    if (!tmoi_cpu_mask_of(isa, &mask))
        return tmoi_fail(ctx, TMO_STATUS_INVALID_ARGUMENT, "isa '%s' is not known; `tmo kernels` lists them",
                         isa);
    *out &= mask;
    return TMO_STATUS_OK;
}

tmo_status tmo_thread_pool_create(tmo_thread_pool **out, int32_t threads, const tmo_allocator *allocator,
                                  tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(allocator);
    *out = NULL;
    TMO_TRY(tmoi_new(&ctx, out, 1));
    (*out)->allocator = ctx.allocator;
    TMO_TRY(tmoi_thread_pool_make(&(*out)->threads, threads, NULL, &ctx));
    return TMO_STATUS_OK;
fail:
    tmo_thread_pool_free(*out);
    *out = NULL;
    return tmoi_ctx_finish(&ctx, error);
}

void tmo_thread_pool_free(tmo_thread_pool *pool)
{
    if (!pool) return;
    tmo_allocator allocator = pool->allocator;
    tmoi_thread_pool_free(pool->threads);
    tmoi_release(&allocator, pool);
}

static tmo_status config_of(tmoi_session_config *config, const tmo_session_options *options,
                            tmo_session *session, tmoi_ctx *ctx)
{
    *config = (tmoi_session_config){.threads = options->threads,
                                    .pool = options->thread_pool ? options->thread_pool->threads : NULL,
                                    .scheduler = {options->parallel_for, options->parallel_for_user},
                                    .weights = session->model->weights,
                                    .reference = options->arithmetic == TMO_ARITHMETIC_REFERENCE,
                                    .reduced_float = options->reduced_float,
                                    .as_written = options->as_written,
                                    .keep_all_tensors = options->keep_all_tensors,
                                    .max_arena_bytes = (size_t)options->max_arena_bytes,
                                    .max_loop_steps = options->max_loop_steps,
                                    .arena = options->arena,
                                    .arena_bytes = (size_t)options->arena_bytes,
                                    .plan_only = options->plan_only,
                                    .custom_ops = session->custom_ops,
                                    .custom_op_count = options->custom_operator_count};
    TMO_TRY(tmoi_cpu_of_isa(&config->cpu, options->isa, ctx));
    if (options->weights_cache)
        TMO_TRY(tmoi_weights_use_file(config->weights, options->weights_cache, config->cpu, ctx));
    if (options->profile) {
        config->observe = record;
        config->observe_user = session;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmo_session_create(tmo_session **out, const tmo_model *model, const tmo_session_options *options,
                              tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    tmo_session_options settings;
    tmoi_session_config config;
    tmo_session *session = NULL;
    size_t count;
    *out = NULL;
    TMO_TRY(tmoi_options_copy(&settings, sizeof settings, options, "session", &ctx));
    const tmo_option *table = tmo_session_option_table(&count);
    TMO_TRY(tmo_options_check(table, count, &settings, "session", &ctx.error));
    ctx = tmoi_ctx_make(&settings.allocator);
    ctx.log = settings.log;
    ctx.log_user = settings.log_user;
    TMO_FAIL_IF(settings.custom_operator_count < 0, INVALID_ARGUMENT, &ctx,
                "session: custom_operator_count must not be negative");
    TMO_TRY(tmoi_new(&ctx, &session, 1));
    session->allocator = ctx.allocator;
    session->model = model;
    TMO_TRY(take_custom(session, &settings, &ctx));
    if (settings.profile) TMO_TRY(make_profile(session, &ctx));
    TMO_TRY(config_of(&config, &settings, session, &ctx));
    TMO_TRY(tmoi_session_make(&session->session, model->graph, &config, &ctx));
    *out = session;
    return TMO_STATUS_OK;
fail:
    tmo_session_free(session);
    return tmoi_ctx_finish(&ctx, error);
}

void tmo_session_free(tmo_session *session)
{
    if (!session) return;
    tmo_allocator allocator = session->allocator;
    tmoi_session_free(session->session);
    free_profile(session);
    tmoi_release(&allocator, session->custom);
    tmoi_release(&allocator, session->custom_ops);
    tmoi_release(&allocator, session);
}

tmoi_session *tmoi_session_of(const tmo_session *session)
{
    return session->session;
}

tmo_status tmo_session_select_signature(tmo_session *session, const char *key, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(&session->allocator);
    const tmoi_graph *graph = session->model->graph;
    int32_t k = 0;
    while (k < graph->signature_count && strcmp(graph->signatures[k].key, key) != 0) k++;
    TMO_FAIL_IF(k == graph->signature_count, NOT_FOUND, &ctx, "session: the model has no signature '%s'",
                key);
    TMO_TRY(tmoi_session_select(session->session, graph->signatures[k].subgraph, &ctx));
    session->subgraph = graph->signatures[k].subgraph;
fail:
    return tmoi_ctx_finish(&ctx, error);
}

/* ---- use ---- */

int32_t tmo_session_input_count(const tmo_session *session)
{
    return tmoi_session_input_count(session->session);
}

int32_t tmo_session_output_count(const tmo_session *session)
{
    return tmoi_session_output_count(session->session);
}

static tmo_status check_index(int32_t k, int32_t count, const char *what, tmoi_ctx *ctx)
{
    if (k >= 0 && k < count) return TMO_STATUS_OK;
    return tmoi_fail(ctx, TMO_STATUS_INVALID_ARGUMENT, "%s %d is out of range, there are %d", what, (int)k,
                     (int)count);
}

tmo_status tmo_session_input(tmo_session *session, int32_t k, tmo_tensor_view *view, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(&session->allocator);
    TMO_TRY(check_index(k, tmo_session_input_count(session), "input", &ctx));
    TMO_TRY(tmoi_session_plan(session->session, &ctx));
    return give_view(tmoi_session_input(session->session, k), view);
fail:
    return tmoi_ctx_finish(&ctx, error);
}

tmo_status tmo_session_set_texts(tmo_session *session, int32_t k, const void *data, uint64_t size_bytes,
                                 tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(&session->allocator);
    TMO_TRY(check_index(k, tmo_session_input_count(session), "input", &ctx));
    TMO_FAIL_IF(size_bytes > SIZE_MAX, LIMIT, &ctx, "%llu bytes are more than can be addressed",
                (unsigned long long)size_bytes);
    TMO_TRY(tmoi_session_plan(session->session, &ctx));
    TMO_TRY(tmoi_session_set_texts(session->session, k, data, (size_t)size_bytes, &ctx));
fail:
    return tmoi_ctx_finish(&ctx, error);
}

tmo_status tmo_session_output(const tmo_session *session, int32_t k, tmo_tensor_view *view, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    TMO_TRY(check_index(k, tmo_session_output_count(session), "output", &ctx));
    return give_view(tmoi_session_output(session->session, k), view);
fail:
    return tmoi_ctx_finish(&ctx, error);
}

tmo_status tmo_session_tensor(const tmo_session *session, int32_t tensor, tmo_tensor_view *view,
                              tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    TMO_TRY(check_index(tensor, session->model->graph->subgraphs[session->subgraph].tensor_count, "tensor",
                        &ctx));
    return give_view(tmoi_session_tensor(session->session, session->subgraph, tensor), view);
fail:
    return tmoi_ctx_finish(&ctx, error);
}

tmo_status tmo_session_resize_input(tmo_session *session, int32_t k, const int32_t *shape, int32_t rank,
                                    tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(&session->allocator);
    tmoi_shape wanted = {.rank = rank};
    TMO_TRY(check_index(rank, TMO_MAX_RANK + 1, "rank", &ctx));
    for (int32_t d = 0; d < rank; d++) wanted.dims[d] = shape[d];
    TMO_TRY(tmoi_session_set_shape(session->session, k, &wanted, &ctx));
fail:
    return tmoi_ctx_finish(&ctx, error);
}

tmo_status tmo_session_set_arena(tmo_session *session, void *arena, uint64_t arena_bytes, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(&session->allocator);
    size_t bytes = arena_bytes > SIZE_MAX ? SIZE_MAX : (size_t)arena_bytes;
    (void)tmoi_session_set_arena(session->session, arena, bytes, &ctx);
    return tmoi_ctx_finish(&ctx, error);
}

tmo_status tmo_session_run(tmo_session *session, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(&session->allocator);
    (void)tmoi_session_run(session->session, &ctx);
    return tmoi_ctx_finish(&ctx, error);
}

void tmo_session_reset(tmo_session *session)
{
    tmoi_session_reset(session->session);
}

uint64_t tmo_session_arena_bytes(const tmo_session *session)
{
    return tmoi_session_arena_bytes(session->session);
}

uint64_t tmo_session_memory_bytes(const tmo_session *session)
{
    return tmoi_session_memory_bytes(session->session);
}

/* ---- kernels ---- */

int32_t tmo_kernel_count(void)
{
    int32_t count;
    (void)tmoi_kernels_list(&count);
    return count;
}

/* The first of its family that this processor can run. */
static bool is_chosen(const tmoi_kernel *list, int32_t k)
{
    const uint32_t lacking = ~tmoi_cpu_features();
    for (int32_t other = 0; other < k; other++)
        if (list[other].family_index == list[k].family_index && (list[other].cpu & lacking) == 0)
            return false;
    return (list[k].cpu & lacking) == 0;
}

tmo_status tmo_kernel(int32_t k, tmo_kernel_info *info, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    int32_t count;
    const tmoi_kernel *list = tmoi_kernels_list(&count);
    TMO_TRY(check_index(k, count, "kernel", &ctx));
    tmo_kernel_info full = {.family = list[k].family,
                            .name = list[k].name,
                            .isa = tmoi_cpu_name(list[k].cpu),
                            .is_exact = list[k].exact,
                            .is_chosen = is_chosen(list, k)};
    tmoi_info_copy(info, &full, sizeof full);
fail:
    return tmoi_ctx_finish(&ctx, error);
}
