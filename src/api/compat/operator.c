/* tensorflow/lite/c/c_api.h: custom operators as opaque objects. */
#include <string.h>

#include "api/compat/compat.h"

static char *copy_text(const char *text)
{
    const size_t bytes = strlen(text) + 1;
    char *copy = malloc(bytes);
    if (copy) memcpy(copy, text, bytes);
    return copy;
}

TfLiteOperator *TfLiteOperatorCreate(TfLiteBuiltinOperator builtin_code, const char *custom_name, int version,
                                     void *user_data)
{
    TfLiteOperator *op = calloc(1, sizeof *op);
    if (!op) return NULL;
    op->builtin_code = builtin_code;
    op->version = version;
    op->user_data = user_data;
    if (!custom_name) return op;
    op->custom_name = copy_text(custom_name);
    if (op->custom_name) return op;
    free(op);
    return NULL;
}

void TfLiteOperatorDelete(TfLiteOperator *registration)
{
    if (!registration) return;
    free(registration->custom_name);
    free(registration);
}

TfLiteBuiltinOperator TfLiteOperatorGetBuiltInCode(const TfLiteOperator *registration)
{
    return registration->builtin_code;
}

const char *TfLiteOperatorGetCustomName(const TfLiteOperator *registration)
{
    return registration->custom_name;
}

int TfLiteOperatorGetVersion(const TfLiteOperator *registration)
{
    return registration ? registration->version : -1;
}

void *TfLiteOperatorGetUserData(const TfLiteOperator *registration)
{
    return registration ? registration->user_data : NULL;
}

bool tmoi_tfl_operator_has_callbacks(const TfLiteOperator *op)
{
    return op->init || op->init_with_data || op->free || op->free_with_data || op->prepare ||
           op->prepare_with_data || op->invoke || op->invoke_with_data;
}

/* ---- callbacks: of each pair the one set last counts ---- */

void TfLiteOperatorSetInit(TfLiteOperator *registration,
                           void *(*init)(TfLiteOpaqueContext *, const char *, size_t))
{
    registration->init = init;
    registration->init_with_data = NULL;
}

TfLiteStatus TfLiteOperatorSetInitWithData(TfLiteOperator *registration,
                                           void *(*init)(void *, TfLiteOpaqueContext *, const char *, size_t))
{
    registration->init = NULL;
    registration->init_with_data = init;
    return kTfLiteOk;
}

void TfLiteOperatorSetFree(TfLiteOperator *registration, void (*free)(TfLiteOpaqueContext *, void *))
{
    registration->free = free;
    registration->free_with_data = NULL;
}

TfLiteStatus TfLiteOperatorSetFreeWithData(TfLiteOperator *registration,
                                           void (*free)(void *, TfLiteOpaqueContext *, void *))
{
    registration->free = NULL;
    registration->free_with_data = free;
    return kTfLiteOk;
}

void TfLiteOperatorSetPrepare(TfLiteOperator *registration,
                              TfLiteStatus (*prepare)(TfLiteOpaqueContext *, TfLiteOpaqueNode *))
{
    registration->prepare = prepare;
    registration->prepare_with_data = NULL;
}

TfLiteStatus TfLiteOperatorSetPrepareWithData(TfLiteOperator *registration,
                                              TfLiteStatus (*prepare)(void *, TfLiteOpaqueContext *,
                                                                      TfLiteOpaqueNode *))
{
    registration->prepare = NULL;
    registration->prepare_with_data = prepare;
    return kTfLiteOk;
}

void TfLiteOperatorSetInvoke(TfLiteOperator *registration,
                             TfLiteStatus (*invoke)(TfLiteOpaqueContext *, TfLiteOpaqueNode *))
{
    registration->invoke = invoke;
    registration->invoke_with_data = NULL;
}

TfLiteStatus TfLiteOperatorSetInvokeWithData(TfLiteOperator *registration,
                                             TfLiteStatus (*invoke)(void *, TfLiteOpaqueContext *,
                                                                    TfLiteOpaqueNode *))
{
    registration->invoke = NULL;
    registration->invoke_with_data = invoke;
    return kTfLiteOk;
}

void TfLiteOperatorSetAsyncKernel(TfLiteOperator *registration,
                                  struct TfLiteAsyncKernel *(*async_kernel)(TfLiteOpaqueContext *,
                                                                            TfLiteOpaqueNode *))
{
    (void)registration;
    (void)async_kernel;
}

TfLiteStatus TfLiteOperatorSetAsyncKernelWithData(
    TfLiteOperator *registration,
    struct TfLiteAsyncKernel *(*async_kernel)(void *, TfLiteOpaqueContext *, TfLiteOpaqueNode *))
{
    (void)registration;
    (void)async_kernel;
    return kTfLiteOk;
}

void TfLiteOperatorSetInplaceOperator(TfLiteOperator *registration, uint64_t inplace_operator)
{
    (void)registration;
    (void)inplace_operator;
}

/* ---- the names until 2.15 ---- */

TfLiteRegistrationExternal *TfLiteRegistrationExternalCreate(TfLiteBuiltinOperator builtin_code,
                                                             const char *custom_name, int version)
{
    return TfLiteOperatorCreate(builtin_code, custom_name, version, NULL);
}

void TfLiteRegistrationExternalDelete(TfLiteRegistrationExternal *registration)
{
    TfLiteOperatorDelete(registration);
}

TfLiteBuiltinOperator TfLiteRegistrationExternalGetBuiltInCode(const TfLiteRegistrationExternal *registration)
{
    return registration->builtin_code;
}

const char *TfLiteRegistrationExternalGetCustomName(const TfLiteRegistrationExternal *registration)
{
    return registration->custom_name;
}

int TfLiteRegistrationExternalGetVersion(const TfLiteRegistrationExternal *registration)
{
    return TfLiteOperatorGetVersion(registration);
}

void TfLiteRegistrationExternalSetInit(TfLiteRegistrationExternal *registration,
                                       void *(*init)(TfLiteOpaqueContext *, const char *, size_t))
{
    TfLiteOperatorSetInit(registration, init);
}

void TfLiteRegistrationExternalSetFree(TfLiteRegistrationExternal *registration,
                                       void (*free)(TfLiteOpaqueContext *, void *))
{
    TfLiteOperatorSetFree(registration, free);
}

void TfLiteRegistrationExternalSetPrepare(TfLiteRegistrationExternal *registration,
                                          TfLiteStatus (*prepare)(TfLiteOpaqueContext *, TfLiteOpaqueNode *))
{
    TfLiteOperatorSetPrepare(registration, prepare);
}

void TfLiteRegistrationExternalSetInvoke(TfLiteRegistrationExternal *registration,
                                         TfLiteStatus (*invoke)(TfLiteOpaqueContext *, TfLiteOpaqueNode *))
{
    TfLiteOperatorSetInvoke(registration, invoke);
}
