/** @file
 * will a device or an accelerator run a model, where would it fall back, and what to change.
 *
 * The rules are those that the makers of the targets publish; docs/targets.md names the source and the version of each. */
#ifndef TMO_CHECK_H
#define TMO_CHECK_H

#include "tmo/model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tmo_target {
    TMO_TARGET_LITERT = 0,    /**< LiteRT (TensorFlow Lite) on a CPU, with its XNNPACK delegate */
    TMO_TARGET_TFLM = 1,      /**< TensorFlow Lite for Microcontrollers */
    TMO_TARGET_EDGETPU = 2,   /**< Coral Edge TPU */
    TMO_TARGET_ETHOS_U = 3,   /**< Arm Ethos-U55 and Ethos-U65 */
    TMO_TARGET_ETHOS_U85 = 4, /**< Arm Ethos-U85 */
    TMO_TARGET_ANDROID = 5,   /**< LiteRT on Android: CPU, and GPU delegate */
    TMO_TARGET_IOS = 6,       /**< LiteRT on iOS: CPU, Metal and Core ML delegates */
    TMO_TARGET_FORCE_32_BITS = 0x7fffffff
} tmo_target;

/** "ethos-u" for TMO_TARGET_ETHOS_U and so on, as on the command line; NULL for another number, which is how a program walks
 * all targets from 0 on. Static storage. Thread-safe. */
TMO_API const char *tmo_target_name(tmo_target target);
/** The target with the given name, or TMO_STATUS_NOT_FOUND with the list of names in the error. Thread-safe. */
TMO_API tmo_status tmo_target_find(tmo_target *out, const char *name, tmo_error *error);

typedef enum tmo_severity {
    TMO_SEVERITY_NOTE = 0,     /**< it runs, but the reader should know */
    TMO_SEVERITY_FALLBACK = 1, /**< the accelerator leaves the operator to the CPU */
    TMO_SEVERITY_ERROR = 2,    /**< the target will not run the model */
    TMO_SEVERITY_FORCE_32_BITS = 0x7fffffff
} tmo_severity;

/** "note", "fallback" or "error". Static storage. Thread-safe. */
TMO_API const char *tmo_severity_name(tmo_severity severity);

typedef struct tmo_check_report tmo_check_report;

typedef struct tmo_check_summary {
    uint32_t struct_size;
    tmo_target target;
    bool runs;         /**< no finding of TMO_SEVERITY_ERROR */
    bool runs_fully;   /**< and none of TMO_SEVERITY_FALLBACK */
    int32_t operators; /**< in all subgraphs */
    int32_t
        accelerated; /**< of them on the target's fast path: the XNNPACK delegate, a microcontroller kernel, the NPU */
    int32_t finding_count;
} tmo_check_summary;

typedef struct tmo_finding {
    uint32_t struct_size;
    int32_t subgraph; /**< -1: the model as a whole */
    int32_t op;       /**< index of the operator in its subgraph, or -1 */
    const char *name; /**< of the operator, such as "CONV_2D"; "" when op is -1 */
    tmo_severity severity;
    const char *text; /**< what is the matter; after a semicolon, what to change */
} tmo_finding;

/** Checks a model against the published rules of a target. The report is the caller's; it does not need the model any more.
 * Fails with TMO_STATUS_INVALID_ARGUMENT for an unknown target or TMO_STATUS_OUT_OF_MEMORY, never because of what it finds.
 * Thread-safe. */
TMO_API tmo_status tmo_check(tmo_check_report **out, const tmo_model *model, tmo_target target,
                             tmo_error *error);
/** Accepts NULL. */
TMO_API void tmo_check_report_free(tmo_check_report *report);

/** Filled up to the caller's struct_size. */
TMO_API void tmo_check_report_summary(const tmo_check_report *report, tmo_check_summary *summary);
/** Finding k, in the order of the operators; its texts live as long as the report. INVALID_ARGUMENT when k is out of range. */
TMO_API tmo_status tmo_check_report_finding(const tmo_check_report *report, int32_t k, tmo_finding *finding,
                                            tmo_error *error);

#ifdef __cplusplus
}
#endif
#endif
