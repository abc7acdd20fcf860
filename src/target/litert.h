/* LiteRT: what its interpreter runs at all, what its XNNPACK delegate takes, and what the phones' delegates take. */
#ifndef TMOI_TARGET_LITERT_H
#define TMOI_TARGET_LITERT_H

#include "target/rule.h"

/* Whether the stock resolver registers the operator in its version. */
bool tmoi_litert_registers(const tmoi_site *site, tmoi_why *why);
/* Whether its kernel takes the types of the data. */
bool tmoi_litert_takes_types(const tmoi_site *site, tmoi_why *why);

/* Whether it is a custom operator that has no kernel but that the XNNPACK delegate takes. */
bool tmoi_xnnpack_takes_custom(const tmoi_op *op);
/* What the XNNPACK delegate takes over from the interpreter's own kernels. */
extern const tmoi_rule_set tmoi_xnnpack_rules;
/* What the GPU delegate (OpenCL, OpenGL ES, Metal) takes. */
extern const tmoi_rule_set tmoi_gpu_rules;
/* What the Core ML delegate takes. */
extern const tmoi_rule_set tmoi_core_ml_rules;

#endif
