# Flags for all of our own code. Warnings are errors; no -ffast-math, and no contraction of a * b + c into one rounding,
# so that a result does not depend on the compiler. Nobody reads the floating-point exception flags: a loop may compute both
# sides of a choice.
add_library(tmo_flags INTERFACE)
target_compile_options(tmo_flags INTERFACE
    -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wundef -Wvla -Wstrict-prototypes
    -Wmissing-prototypes -Wcast-qual -Wpointer-arith -Wwrite-strings -Wformat -Wformat-security -ffp-contract=off -fno-math-errno -fno-trapping-math)
if(CMAKE_C_COMPILER_ID STREQUAL GNU)
    # gcc cannot see that a failed call never returns TMO_STATUS_OK, and so takes outputs for unset after TMO_TRY.
    target_compile_options(tmo_flags INTERFACE -Wno-maybe-uninitialized)
endif()
if(CMAKE_C_COMPILER_ID MATCHES Clang)
    # A loop marked TMOI_INDEPENDENT_LOOP may be vectorized; it need not be.
    target_compile_options(tmo_flags INTERFACE -Wno-pass-failed)
endif()
# A release holds no more than it needs: unused functions go, and C needs no tables for unwinding.
target_compile_options(tmo_flags INTERFACE $<$<CONFIG:Release,MinSizeRel>:-ffunction-sections> $<$<CONFIG:Release,MinSizeRel>:-fdata-sections>
    $<$<CONFIG:Release,MinSizeRel>:-fno-unwind-tables> $<$<CONFIG:Release,MinSizeRel>:-fno-asynchronous-unwind-tables>)
target_link_options(tmo_flags INTERFACE $<$<CONFIG:Release,MinSizeRel>:-Wl,$<IF:$<PLATFORM_ID:Darwin>,-dead_strip,--gc-sections>>)
# Tables of pointers in a shared library need a bit each in place of 24 bytes, where the linker and the loader know that form: a program
# that has such a pointer tells.
if(NOT CMAKE_CROSSCOMPILING OR CMAKE_CROSSCOMPILING_EMULATOR)
    include(CheckCSourceRuns)
    set(CMAKE_REQUIRED_FLAGS -fPIE)
    set(CMAKE_REQUIRED_LINK_OPTIONS -pie -Wl,-z,pack-relative-relocs)
    check_c_source_runs("static int a; static int *volatile p = &a; int main(void) { return p != &a; }" TMO_PACKS_RELOCATIONS)
    unset(CMAKE_REQUIRED_FLAGS)
    unset(CMAKE_REQUIRED_LINK_OPTIONS)
    if(TMO_PACKS_RELOCATIONS)
        target_link_options(tmo_flags INTERFACE -Wl,-z,pack-relative-relocs)
    endif()
endif()
if(TMO_SANITIZE)
    target_compile_options(tmo_flags INTERFACE -fsanitize=${TMO_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(tmo_flags INTERFACE -fsanitize=${TMO_SANITIZE})
endif()
if(TMO_COVERAGE)
    target_compile_options(tmo_flags INTERFACE --coverage)
    target_link_options(tmo_flags INTERFACE --coverage)
endif()
target_include_directories(tmo_flags INTERFACE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
find_package(Threads REQUIRED)
