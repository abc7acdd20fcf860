# tmo_room(name runtime|toolkit source…): the sources of one room of src/, and the library that they go into.
function(tmo_room room library)
    list(TRANSFORM ARGN PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
    set_property(GLOBAL APPEND PROPERTY TMO_${library}_SOURCES ${ARGN})
endfunction()

# tmo_optimize(list): a release is compiled with -O3 only where the time goes, which is in kernels: those of an instruction set,
# and the loops over whole matrices around them. Other kernels and the operators get -O2, and what runs once a model -Os.
set(hot_rooms "base/hash|kernels/(conv|dwconv|gemm[a-z0-9_]*|move|quant_rows|requant|transpose_conv)/|_(avx|amx|neon|dotprod|i8mm|fp16|simd128)[a-z0-9]*\\.c$")
function(tmo_optimize list)
    foreach(source ${${list}})
        file(RELATIVE_PATH place ${PROJECT_SOURCE_DIR}/src ${source})
        if(place MATCHES "${hot_rooms}")
            continue()
        endif()
        set(level -Os)
        if(place MATCHES "^(kernels|runtime/ops)/|thread_pool")
            set(level -O2)
        endif()
        set_property(SOURCE ${source} APPEND PROPERTY COMPILE_OPTIONS $<$<CONFIG:Release>:${level}>)
    endforeach()
endfunction()
