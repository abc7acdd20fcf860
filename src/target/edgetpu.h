/* Coral Edge TPU: the operators that its compiler maps, and the one partition that it makes of them. */
#ifndef TMOI_TARGET_EDGETPU_H
#define TMOI_TARGET_EDGETPU_H

#include "target/rule.h"

extern const tmoi_rule_set tmoi_edgetpu_rules;

#endif
