#include "tflite/schema.h"

/* clang-format off */
#define TMOI_TABLE(table, text) const tmoi_fb_##table tmoi_fb_default_##table = {
#define TMOI_EMPTY_TABLE(table, text) const tmoi_fb_##table tmoi_fb_default_##table = {0};
#define TMOI_TABLE_END(table) };
#define TMOI_SCALAR(table, id, ctype, field, initial) .field = initial,
#define TMOI_STRING(table, id, field) .field = {0},
#define TMOI_VECTOR(table, id, elem, field, align) .field = {0},
#define TMOI_SUBTABLE(table, id, type, field) .field = 0,
#define TMOI_TABLES(table, id, type, field) .field = {0},
#define TMOI_UNION(table, id, kind, field) .field = {0},
#include "tflite/schema.def"
/* clang-format on */
