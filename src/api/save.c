/* tmo/model.h: saving and printing a model. */
#include "api/handle.h"
#include "model/export.h"

tmo_status tmo_model_save_file(const tmo_model *model, const char *path, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(&model->allocator);
    (void)tmoi_graph_export_file(model->graph, path, NULL, &ctx);
    return tmoi_ctx_finish(&ctx, error);
}

tmo_status tmo_model_save(const tmo_model *model, void **out_data, size_t *out_size_bytes, tmo_error *error)
{
    tmoi_ctx ctx = tmoi_ctx_make(NULL);
    uint8_t *bytes;
    *out_size_bytes = 0;
    (void)tmoi_graph_export_memory(model->graph, &bytes, out_size_bytes, NULL, &ctx);
    *out_data = bytes;
    return tmoi_ctx_finish(&ctx, error);
}

void tmo_memory_free(void *memory)
{
    tmo_allocator allocator = tmoi_default_allocator();
    tmoi_release(&allocator, memory);
}

/* ---- print ---- */

void tmo_model_dump(const tmo_model *model, void (*write)(void *user, const char *text), void *user)
{
    tmoi_graph_dump(model->graph, write, user);
}
