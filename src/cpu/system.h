/* What only the operating system tells or allows about the processor. */
#ifndef TMOI_CPU_SYSTEM_H
#define TMOI_CPU_SYSTEM_H

#include <stdbool.h>

/* Optional instructions of a 64-bit Arm processor; all false elsewhere, and where the system does not tell. */
typedef struct tmoi_arm_features {
    bool dotprod, i8mm, fp16, sve2;
} tmoi_arm_features;

tmoi_arm_features tmoi_system_arm_features(void);

/* Asks for the tile registers of AMX, which Linux gives only to processes that ask; false: they may not be used. */
bool tmoi_system_allow_amx(void);

#endif
