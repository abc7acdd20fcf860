# tmo_room(name runtime|toolkit source…): the sources of one room of src/, and the library that they go into.
function(tmo_room room library)
    list(TRANSFORM ARGN PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
    set_property(GLOBAL APPEND PROPERTY TMO_${library}_SOURCES ${ARGN})
endfunction()
