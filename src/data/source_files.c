/* Folders of samples. */
#include <string.h>

#include "base/os.h"
#include "data/source.h"

typedef struct listing {
    tmoi_data_source *source;
    const char *const *extensions;
    const char **files;
    int32_t *labels;
    int32_t count, file_capacity, label_capacity;
} listing;

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool has_extension(const char *name, const char *extension)
{
    size_t length = strlen(name), suffix = strlen(extension);
    if (length <= suffix) return false;
    for (size_t k = 0; k < suffix; k++)
        if (lower(name[length - suffix + k]) != extension[k]) return false;
    return true;
}

static bool is_wanted(const listing *list, const char *name)
{
    for (const char *const *extension = list->extensions; *extension; extension++)
        if (has_extension(name, *extension)) return true;
    return false;
}

static tmo_status add_file(listing *list, const char *path, int32_t label, tmoi_ctx *ctx)
{
    tmoi_arena *arena = &list->source->arena;
    if (!is_wanted(list, path)) {
        tmoi_log(ctx, TMO_LOG_LEVEL_INFO, "skipped '%s': not a name of the data set's kind", path);
        return TMO_STATUS_OK;
    }
    TMO_TRY(tmoi_arena_grow(arena, (void **)&list->files, &list->file_capacity, list->count + 1,
                            sizeof *list->files, ctx));
    TMO_TRY(tmoi_arena_grow(arena, (void **)&list->labels, &list->label_capacity, list->count + 1,
                            sizeof *list->labels, ctx));
    list->files[list->count] = path;
    list->labels[list->count] = label;
    list->count++;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* The entries of a folder, as paths, that are files or folders; those are told apart by `kinds`. */
typedef struct entries {
    const char **names, **paths;
    tmoi_path_kind *kinds;
    int32_t count, folder_count;
} entries;

static tmo_status look_into(entries *out, const char *folder, tmoi_arena *arena, tmoi_ctx *ctx)
{
    *out = (entries){0};
    TMO_TRY(tmoi_folder_list(arena, folder, &out->names, &out->count, ctx));
    TMO_TRY(tmoi_arena_new(arena, &out->paths, (size_t)out->count, ctx));
    TMO_TRY(tmoi_arena_new(arena, &out->kinds, (size_t)out->count, ctx));
    size_t length = strlen(folder);
    const char *slash = length && folder[length - 1] == '/' ? "" : "/";
    for (int32_t k = 0; k < out->count; k++) {
        if (out->names[k][0] == '.') continue;
        TMO_TRY(tmoi_arena_format(arena, &out->paths[k], ctx, "%s%s%s", folder, slash, out->names[k]));
        out->kinds[k] = tmoi_path_look(out->paths[k]);
        out->folder_count += out->kinds[k] == TMOI_PATH_FOLDER;
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

static tmo_status list_class(listing *list, const char *folder, int32_t label, tmoi_ctx *ctx)
{
    entries in;
    TMO_TRY(look_into(&in, folder, &list->source->arena, ctx));
    for (int32_t k = 0; k < in.count; k++)
        if (in.kinds[k] == TMOI_PATH_FILE) TMO_TRY(add_file(list, in.paths[k], label, ctx));
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

/* With subfolders, those are the classes, and files beside them are no samples. */
static tmo_status list_folder(listing *list, const char *folder, tmoi_ctx *ctx)
{
    entries in;
    tmoi_data_source *source = list->source;
    TMO_TRY(look_into(&in, folder, &source->arena, ctx));
    if (in.folder_count > 0)
        TMO_TRY(tmoi_arena_new(&source->arena, &source->class_names, (size_t)in.folder_count, ctx));
    for (int32_t k = 0; k < in.count; k++) {
        if (in.kinds[k] == TMOI_PATH_FOLDER) {
            source->class_names[source->class_count] = in.names[k];
            TMO_TRY(list_class(list, in.paths[k], source->class_count, ctx));
            source->class_count++;
        } else if (in.kinds[k] == TMOI_PATH_FILE) {
            if (in.folder_count == 0)
                TMO_TRY(add_file(list, in.paths[k], 0, ctx));
            else
                tmoi_log(ctx, TMO_LOG_LEVEL_INFO, "skipped '%s': it is in no class", in.paths[k]);
        }
    }
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}

tmo_status tmoi_source_list_files(tmoi_data_source *source, const char *path, const char *const *extensions,
                                  tmoi_ctx *ctx)
{
    listing list = {.source = source, .extensions = extensions};
    tmoi_path_kind kind = tmoi_path_look(path);
    const char *copy = NULL;
    TMO_FAIL_IF(kind == TMOI_PATH_NONE, IO, ctx, "cannot open '%s': no such file or folder", path);
    TMO_TRY(tmoi_arena_text(&source->arena, &copy, path, strlen(path), ctx));
    source->name = copy;
    if (kind == TMOI_PATH_FOLDER)
        TMO_TRY(list_folder(&list, copy, ctx));
    else
        TMO_TRY(add_file(&list, copy, 0, ctx));
    TMO_FAIL_IF(list.count == 0, INVALID_DATA, ctx, "'%s' holds no %s files", path, extensions[0]);
    source->files = list.files;
    source->count = list.count;
    if (source->class_count > 0) source->labels = list.labels;
    return TMO_STATUS_OK;
fail:
    return ctx->error.status;
}
