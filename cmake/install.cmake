# make install: headers, both libraries, pkg-config and CMake package files, and the command line.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(libraries tmo_runtime_static tmo_runtime_shared tmo_tflite_static tmo_tflite_shared)
set(packages tmo_runtime tmo_tflite)
if(TARGET tmo_static)
    list(APPEND libraries tmo_static tmo_shared)
    list(APPEND packages tmo)
endif()
install(TARGETS ${libraries} EXPORT tmoTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/tmo DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
# In a folder of their own, so that they do not meet TensorFlow's.
install(DIRECTORY include/tensorflow DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tmo_tflite)
if(TARGET tmo)
    install(TARGETS tmo RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

install(EXPORT tmoTargets NAMESPACE tmo:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tmo)
configure_package_config_file(cmake/tmoConfig.cmake.in tmoConfig.cmake INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tmo)
write_basic_package_version_file(tmoConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/tmoConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/tmoConfigVersion.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tmo)

# The .pc files find their prefix from where they lie, so `cmake --install --prefix` may choose another than was configured.
file(RELATIVE_PATH TMO_PC_TO_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
foreach(package ${packages})
    configure_file(cmake/${package}.pc.in ${package}.pc @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${package}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
