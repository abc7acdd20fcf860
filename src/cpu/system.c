#if defined(__linux__)
#define _DEFAULT_SOURCE /* syscall() */
#endif
#include "cpu/system.h"

#include <stddef.h>

#if defined(__linux__) && defined(__aarch64__)
#include <sys/auxv.h>
#elif defined(__linux__) && defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>
#elif defined(__APPLE__) && defined(__aarch64__)
#include <sys/sysctl.h>
#elif defined(_WIN32) && defined(__aarch64__)
#include <windows.h>
#endif

#if defined(__linux__) && defined(__aarch64__)
/* Bits of arch/arm64/include/uapi/asm/hwcap.h in Linux, by number: older headers lack the names. */
tmoi_arm_features tmoi_system_arm_features(void)
{
    unsigned long first = getauxval(AT_HWCAP), second = getauxval(AT_HWCAP2);
    return (tmoi_arm_features){.dotprod = first >> 20 & 1,
                               .i8mm = second >> 13 & 1,
                               .fp16 = (first >> 9 & 1) && (first >> 10 & 1),
                               .sve2 = second >> 1 & 1};
}
#elif defined(__APPLE__) && defined(__aarch64__)
static bool has_feature(const char *name)
{
    int value = 0;
    size_t size = sizeof value;
    return sysctlbyname(name, &value, &size, NULL, 0) == 0 && value != 0;
}

tmoi_arm_features tmoi_system_arm_features(void)
{
    return (tmoi_arm_features){.dotprod = has_feature("hw.optional.arm.FEAT_DotProd"),
                               .i8mm = has_feature("hw.optional.arm.FEAT_I8MM"),
                               .fp16 = has_feature("hw.optional.arm.FEAT_FP16")};
}
#elif defined(_WIN32) && defined(__aarch64__)
tmoi_arm_features tmoi_system_arm_features(void)
{
    enum { DOT_PRODUCT_AVAILABLE = 43 }; /* PF_ARM_V82_DP_INSTRUCTIONS_AVAILABLE */
    return (tmoi_arm_features){.dotprod = IsProcessorFeaturePresent(DOT_PRODUCT_AVAILABLE)};
}
#else
tmoi_arm_features tmoi_system_arm_features(void)
{
    return (tmoi_arm_features){.dotprod = false};
}
#endif

bool tmoi_system_allow_amx(void)
{
#if defined(__linux__) && defined(__x86_64__)
    enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
    return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
#else
    return false;
#endif
}
