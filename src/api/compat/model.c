/* tensorflow/lite/c/c_api.h: versions and models. */
#include <string.h>

#include "api/compat/compat.h"

const char *TfLiteVersion(void)
{
    return "2.21.0";
}

const char *TfLiteExtensionApisVersion(void)
{
    return "2.21.0";
}

int TfLiteSchemaVersion(void)
{
    return 3;
}

void tmoi_tfl_report(const tmoi_tfl_reporter *reporter, const char *format, ...)
{
    va_list args;
    if (!reporter->report) return;
    va_start(args, format);
    reporter->report(reporter->user_data, format, args);
    va_end(args);
}

/* Wraps what was loaded, or reports the error. */
static TfLiteModel *wrap(tmo_model *model, const tmo_error *error, const tmoi_tfl_reporter *reporter)
{
    TfLiteModel *wrapped = model ? malloc(sizeof *wrapped) : NULL;
    if (!wrapped) {
        tmoi_tfl_report(reporter, "%s", model ? "out of memory" : error->message);
        tmo_model_free(model);
        return NULL;
    }
    atomic_init(&wrapped->references, 1);
    wrapped->model = model;
    return wrapped;
}

TfLiteModel *TfLiteModelCreateWithErrorReporter(const void *model_data, size_t model_size,
                                                void (*reporter)(void *, const char *, va_list),
                                                void *user_data)
{
    tmo_error error = TMO_ERROR_INIT;
    tmo_model *model = NULL;
    const tmoi_tfl_reporter to = {reporter, user_data};
    if (!model_data) {
        tmoi_tfl_report(&to, "the model is NULL");
        return NULL;
    }
    (void)tmo_model_load(&model, model_data, model_size, NULL, &error);
    return wrap(model, &error, &to);
}

TfLiteModel *TfLiteModelCreate(const void *model_data, size_t model_size)
{
    return TfLiteModelCreateWithErrorReporter(model_data, model_size, NULL, NULL);
}

TfLiteModel *TfLiteModelCreateFromFileWithErrorReporter(const char *model_path,
                                                        void (*reporter)(void *, const char *, va_list),
                                                        void *user_data)
{
    tmo_error error = TMO_ERROR_INIT;
    tmo_model *model = NULL;
    const tmoi_tfl_reporter to = {reporter, user_data};
    if (!model_path) {
        tmoi_tfl_report(&to, "the path of the model is NULL");
        return NULL;
    }
    (void)tmo_model_load_file(&model, model_path, NULL, &error);
    return wrap(model, &error, &to);
}

TfLiteModel *TfLiteModelCreateFromFile(const char *model_path)
{
    return TfLiteModelCreateFromFileWithErrorReporter(model_path, NULL, NULL);
}

TfLiteModel *tmoi_tfl_model_keep(const TfLiteModel *model)
{
    TfLiteModel *kept;
    memcpy(&kept, &model, sizeof kept); /* made by wrap(), so writable */
    atomic_fetch_add(&kept->references, 1);
    return kept;
}

void TfLiteModelDelete(TfLiteModel *model)
{
    if (!model || atomic_fetch_sub(&model->references, 1) != 1) return;
    tmo_model_free(model->model);
    free(model);
}
