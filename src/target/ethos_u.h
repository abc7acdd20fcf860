/* The Arm Ethos-U NPUs, as their compiler Vela places operators on them. */
#ifndef TMOI_TARGET_ETHOS_U_H
#define TMOI_TARGET_ETHOS_U_H

#include "target/rule.h"

/* Ethos-U55 and Ethos-U65. */
extern const tmoi_rule_set tmoi_ethos_u_rules;
extern const tmoi_rule_set tmoi_ethos_u85_rules;

#endif
