/* tensorflow/lite/c/c_api.h, c_api_experimental.h: options of an interpreter, and how they name operators. */
#include <string.h>

#include "api/compat/compat.h"

TfLiteInterpreterOptions *TfLiteInterpreterOptionsCreate(void)
{
    return calloc(1, sizeof(TfLiteInterpreterOptions));
}

static bool copy_entries(TfLiteInterpreterOptions *copy, const TfLiteInterpreterOptions *from)
{
    const size_t bytes = (size_t)from->entry_count * sizeof *from->entries;
    copy->entries = NULL;
    if (bytes == 0) return true;
    copy->entries = malloc(bytes);
    if (!copy->entries) return false;
    memcpy(copy->entries, from->entries, bytes);
    return true;
}

TfLiteInterpreterOptions *TfLiteInterpreterOptionsCopy(const TfLiteInterpreterOptions *from)
{
    TfLiteInterpreterOptions *copy = from ? malloc(sizeof *copy) : NULL;
    if (!copy) return NULL;
    *copy = *from;
    if (copy_entries(copy, from)) return copy;
    free(copy);
    return NULL;
}

void TfLiteInterpreterOptionsDelete(TfLiteInterpreterOptions *options)
{
    if (!options) return;
    free(options->entries);
    free(options);
}

void TfLiteInterpreterOptionsSetNumThreads(TfLiteInterpreterOptions *options, int32_t num_threads)
{
    options->threads = num_threads;
}

void TfLiteInterpreterOptionsAddDelegate(TfLiteInterpreterOptions *options, TfLiteOpaqueDelegate *delegate)
{
    options->has_delegate |= delegate != NULL;
}

void TfLiteInterpreterOptionsAddOpaqueDelegate(TfLiteInterpreterOptions *options,
                                               TfLiteOpaqueDelegateStruct *opaque_delegate)
{
    options->has_delegate |= opaque_delegate != NULL;
}

void TfLiteInterpreterOptionsSetErrorReporter(TfLiteInterpreterOptions *options,
                                              void (*reporter)(void *, const char *, va_list),
                                              void *user_data)
{
    options->reporter = (tmoi_tfl_reporter){reporter, user_data};
}

TfLiteStatus TfLiteInterpreterOptionsEnableCancellation(TfLiteInterpreterOptions *options, bool enable)
{
    options->enable_cancellation = enable;
    return kTfLiteOk;
}

void TfLiteInterpreterOptionsSetUseNNAPI(TfLiteInterpreterOptions *options, bool enable)
{
    (void)options;
    (void)enable;
}

void TfLiteInterpreterOptionsSetEnableDelegateFallback(TfLiteInterpreterOptions *options, bool enable)
{
    options->delegate_fallback = enable;
}

void TfLiteInterpreterOptionsSetTelemetryProfiler(TfLiteInterpreterOptions *options,
                                                  struct TfLiteTelemetryProfilerStruct *profiler)
{
    (void)options;
    (void)profiler;
}

/* ---- entries ---- */

static void add_entry(TfLiteInterpreterOptions *options, const tmoi_tfl_entry *entry)
{
    const size_t count = (size_t)options->entry_count + 1;
    tmoi_tfl_entry *entries = realloc(options->entries, count * sizeof *entries);
    if (!entries) {
        options->out_of_memory = true;
        return;
    }
    entries[count - 1] = *entry;
    options->entries = entries;
    options->entry_count = (int32_t)count;
}

void TfLiteInterpreterOptionsAddOperator(TfLiteInterpreterOptions *options, TfLiteOperator *registration)
{
    if (!registration) return;
    tmoi_tfl_entry entry = {.code = (int32_t)registration->builtin_code,
                            .name = registration->custom_name,
                            .min_version = registration->version,
                            .max_version = registration->version,
                            .registration = {.registration_external = registration}};
    if (entry.name) entry.code = kTfLiteBuiltinCustom;
    add_entry(options, &entry);
}

void TfLiteInterpreterOptionsAddRegistrationExternal(TfLiteInterpreterOptions *options,
                                                     TfLiteRegistrationExternal *registration)
{
    TfLiteInterpreterOptionsAddOperator(options, registration);
}

void TfLiteInterpreterOptionsAddBuiltinOp(TfLiteInterpreterOptions *options, TfLiteBuiltinOperator op,
                                          const TfLiteRegistration *registration, int32_t min_version,
                                          int32_t max_version)
{
    const tmoi_tfl_entry entry = {
        .code = (int32_t)op, .min_version = min_version, .max_version = max_version};
    if (registration) add_entry(options, &entry);
}

void TfLiteInterpreterOptionsAddCustomOp(TfLiteInterpreterOptions *options, const char *name,
                                         const TfLiteRegistration *registration, int32_t min_version,
                                         int32_t max_version)
{
    if (!name || !registration) return;
    const tmoi_tfl_entry entry = {.code = kTfLiteBuiltinCustom,
                                  .name = name,
                                  .min_version = min_version,
                                  .max_version = max_version,
                                  .registration = *registration};
    add_entry(options, &entry);
}

/* ---- resolvers ---- */

void TfLiteInterpreterOptionsSetOpResolver(
    TfLiteInterpreterOptions *options,
    const TfLiteRegistration *(*find_builtin_op)(void *, TfLiteBuiltinOperator, int),
    const TfLiteRegistration *(*find_custom_op)(void *, const char *, int), void *op_resolver_user_data)
{
    options->resolver = (tmoi_tfl_resolver){
        .user_data = op_resolver_user_data, .find_builtin = find_builtin_op, .find_custom = find_custom_op};
}

void TfLiteInterpreterOptionsSetOpResolverV1(
    TfLiteInterpreterOptions *options,
    const TfLiteRegistration_V1 *(*find_builtin_op_v1)(void *, TfLiteBuiltinOperator, int),
    const TfLiteRegistration_V1 *(*find_custom_op_v1)(void *, const char *, int), void *op_resolver_user_data)
{
    options->resolver = (tmoi_tfl_resolver){.user_data = op_resolver_user_data,
                                            .find_builtin_v1 = find_builtin_op_v1,
                                            .find_custom_v1 = find_custom_op_v1};
}

void TfLiteInterpreterOptionsSetOpResolverV2(
    TfLiteInterpreterOptions *options,
    const TfLiteRegistration_V2 *(*find_builtin_op_v2)(void *, TfLiteBuiltinOperator, int),
    const TfLiteRegistration_V2 *(*find_custom_op_v2)(void *, const char *, int), void *op_resolver_user_data)
{
    options->resolver = (tmoi_tfl_resolver){.user_data = op_resolver_user_data,
                                            .find_builtin_v2 = find_builtin_op_v2,
                                            .find_custom_v2 = find_custom_op_v2};
}

void TfLiteInterpreterOptionsSetOpResolverV3(
    TfLiteInterpreterOptions *options,
    const TfLiteRegistration_V3 *(*find_builtin_op_v3)(void *, TfLiteBuiltinOperator, int),
    const TfLiteRegistration_V3 *(*find_custom_op_v3)(void *, const char *, int), void *op_resolver_user_data)
{
    options->resolver = (tmoi_tfl_resolver){.user_data = op_resolver_user_data,
                                            .find_builtin_v3 = find_builtin_op_v3,
                                            .find_custom_v3 = find_custom_op_v3};
}

void TfLiteInterpreterOptionsSetOpResolverExternalWithFallback(
    TfLiteInterpreterOptions *options, const TfLiteOperator *(*find_builtin_op_external)(void *, int, int),
    const TfLiteOperator *(*find_custom_op_external)(void *, const char *, int),
    const TfLiteRegistration *(*find_builtin_op)(void *, TfLiteBuiltinOperator, int),
    const TfLiteRegistration *(*find_custom_op)(void *, const char *, int), void *op_resolver_user_data)
{
    options->resolver = (tmoi_tfl_resolver){.user_data = op_resolver_user_data,
                                            .find_builtin_external = find_builtin_op_external,
                                            .find_custom_external = find_custom_op_external,
                                            .find_builtin = find_builtin_op,
                                            .find_custom = find_custom_op};
}

void TfLiteInterpreterOptionsSetOpResolverExternal(
    TfLiteInterpreterOptions *options, const TfLiteOperator *(*find_builtin_op)(void *, int, int),
    const TfLiteOperator *(*find_custom_op)(void *, const char *, int), void *op_resolver_user_data)
{
    TfLiteInterpreterOptionsSetOpResolverExternalWithFallback(options, find_builtin_op, find_custom_op, NULL,
                                                              NULL, op_resolver_user_data);
}

/* Copies the head of a registration that an earlier release knew. */
static bool take(TfLiteRegistration *out, const void *head, size_t bytes)
{
    if (!head) return false;
    memset(out, 0, sizeof *out);
    memcpy(out, head, bytes);
    return true;
}

static bool take_operator(TfLiteRegistration *out, const TfLiteOperator *made)
{
    if (!made || !tmoi_tfl_operator_has_callbacks(made)) return false;
    *out = (TfLiteRegistration){0};
    memcpy(&out->registration_external, &made, sizeof made); /* made by TfLiteOperatorCreate(), so writable */
    return true;
}

static bool ask_custom(const tmoi_tfl_resolver *r, const tmoi_op *op, TfLiteRegistration *out)
{
    const char *name = op->custom_code;
    void *user = r->user_data;
    return (r->find_custom_external &&
            take_operator(out, r->find_custom_external(user, name, op->version))) ||
           (r->find_custom && take(out, r->find_custom(user, name, op->version), sizeof *out)) ||
           (r->find_custom_v3 &&
            take(out, r->find_custom_v3(user, name, op->version), sizeof(TfLiteRegistration_V3))) ||
           (r->find_custom_v2 &&
            take(out, r->find_custom_v2(user, name, op->version), sizeof(TfLiteRegistration_V2))) ||
           (r->find_custom_v1 &&
            take(out, r->find_custom_v1(user, name, op->version), sizeof(TfLiteRegistration_V1)));
}

static bool ask_builtin(const tmoi_tfl_resolver *r, const tmoi_op *op)
{
    const TfLiteBuiltinOperator code = (TfLiteBuiltinOperator)op->code;
    void *user = r->user_data;
    return (r->find_builtin_external && r->find_builtin_external(user, op->code, op->version)) ||
           (r->find_builtin && r->find_builtin(user, code, op->version)) ||
           (r->find_builtin_v3 && r->find_builtin_v3(user, code, op->version)) ||
           (r->find_builtin_v2 && r->find_builtin_v2(user, code, op->version)) ||
           (r->find_builtin_v1 && r->find_builtin_v1(user, code, op->version));
}

static bool fits(const tmoi_tfl_entry *entry, const tmoi_op *op)
{
    if (op->version < entry->min_version || op->version > entry->max_version) return false;
    if (op->custom_code) return entry->name && strcmp(entry->name, op->custom_code) == 0;
    return !entry->name && entry->code == op->code;
}

bool tmoi_tfl_resolve(const TfLiteInterpreterOptions *options, const tmoi_op *op, TfLiteRegistration *out)
{
    for (int32_t k = 0; k < options->entry_count; k++) {
        if (!fits(&options->entries[k], op)) continue;
        *out = options->entries[k].registration;
        return true;
    }
    return op->custom_code ? ask_custom(&options->resolver, op, out) : ask_builtin(&options->resolver, op);
}
