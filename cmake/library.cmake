# tmo_room(name runtime|toolkit source…): the sources of one room of src/, and the library that they go into.
function(tmo_room room library)
    list(TRANSFORM ARGN PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
    set_property(GLOBAL APPEND PROPERTY TMO_${library}_SOURCES ${ARGN})
endfunction()

# tmo_optimize(list): a release is compiled with -O3 only where the time goes: in kernels of an instruction set, and in the loops over
# whole matrices around them. Element-wise kernels, which the compiler turns into vectors, need no unrolling beyond that. Plain C stands
# in for these on processors without them, so it may be small; kernels that have no other form get -O2, and all the rest -Os.
set(isa_kernels "_(avx|amx|neon|dotprod|i8mm|fp16|simd128)[a-z0-9]*\\.c$")
set(matrix_kernels "^kernels/(conv|dwconv|gemm|move|quant_rows|transpose_conv)")
set(row_kernels "^kernels/(affine|elementwise|softmax|unary)/")
function(tmo_optimize list)
    foreach(source ${${list}})
        file(RELATIVE_PATH place ${PROJECT_SOURCE_DIR}/src ${source})
        if(place MATCHES "${row_kernels}" AND place MATCHES "${isa_kernels}")
            set(level -O2 -ftree-vectorize $<$<C_COMPILER_ID:GNU>:-fvect-cost-model=dynamic>)
        elseif(place MATCHES "${isa_kernels}" OR place MATCHES "${matrix_kernels}")
            continue()
        elseif(place MATCHES "^kernels/" AND NOT place MATCHES "${row_kernels}" OR place MATCHES "thread_pool")
            set(level -O2)
        else()
            set(level -Os)
        endif()
        foreach(flag ${level})
            set_property(SOURCE ${source} APPEND PROPERTY COMPILE_OPTIONS $<$<CONFIG:Release>:${flag}>)
        endforeach()
    endforeach()
endfunction()
