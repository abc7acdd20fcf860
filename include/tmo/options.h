/** @file
 * the descriptor tables of the option structs.
 *
 * Every option struct has one table, a row a field. The table drives validation in the library, the flags and the help of
 * the command line, the keywords of the language bindings and the recipe files, so they cannot drift apart. */
#ifndef TMO_OPTIONS_H
#define TMO_OPTIONS_H

#include "tmo/common.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tmo_option_kind {
    TMO_OPTION_INT32 = 0,  /**< an int32_t */
    TMO_OPTION_UINT64 = 1, /**< a uint64_t */
    TMO_OPTION_FLOAT = 2,  /**< a float */
    TMO_OPTION_BOOL = 3,   /**< a bool; on the command line a flag without a value */
    TMO_OPTION_TEXT = 4,   /**< a const char *, borrowed for the call; NULL: not given */
    TMO_OPTION_CHOICE =
        5, /**< an int32_t whose values, from 0 on, are named in `choices`; 0 is the default */
    TMO_OPTION_FORCE_32_BITS = 0x7fffffff
} tmo_option_kind;

typedef struct tmo_option {
    const char *name; /**< as on the command line, without the dashes: "learning-rate" */
    tmo_option_kind kind;
    uint32_t offset;     /**< of the field in its struct, in bytes */
    double min, max;     /**< allowed values of a number, both included */
    double initial;      /**< what 0 stands for */
    const char *choices; /**< "minmax|percentile|mse" for TMO_OPTION_CHOICE, else NULL */
    const char *help;    /**< one line, lower case, with the unit */
} tmo_option;

/** Checks each field of `options` (a struct with the given table) against its range. Zero is always allowed: it stands for the
 * default. Fails with TMO_STATUS_INVALID_ARGUMENT and a message that starts with `subject`, such as "quantize". */
TMO_API tmo_status tmo_options_check(const tmo_option *table, size_t count, const void *options,
                                     const char *subject, tmo_error *error);

/** Sets one field of `options` from text, as the command line and recipes do: a number, "true" or "false", a choice's name, or
 * a text (which is then borrowed as long as the options live). Fails with TMO_STATUS_NOT_FOUND for a name that is not in the
 * table, with TMO_STATUS_INVALID_ARGUMENT for a value that does not parse or is out of range. */
TMO_API tmo_status tmo_options_set(const tmo_option *table, size_t count, void *options, const char *name,
                                   const char *text, tmo_error *error);

#ifdef __cplusplus
}
#endif
#endif
