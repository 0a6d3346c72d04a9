# Installs the client library (component "client"): headers, archives, a package for
# find_package(waitstate) and one for pkg-config.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/waitstate)

foreach(library base client)
  set_target_properties(waitstate_${library} PROPERTIES EXPORT_NAME ${library})
  install(TARGETS waitstate_${library} EXPORT waitstate
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT client
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT client)
endforeach()

install(EXPORT waitstate NAMESPACE waitstate:: FILE waitstate-targets.cmake
  DESTINATION ${package_folder} COMPONENT client)
configure_package_config_file(cmake/waitstate-config.cmake.in waitstate-config.cmake
  INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(waitstate-config-version.cmake COMPATIBILITY SameMinorVersion)
# Relative to the file, as `cmake --install --prefix` may choose another place.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
  BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE WAITSTATE_PREFIX_FROM_PC)
configure_file(cmake/waitstate-client.pc.in waitstate-client.pc @ONLY)

install(FILES
  ${PROJECT_BINARY_DIR}/waitstate-config.cmake
  ${PROJECT_BINARY_DIR}/waitstate-config-version.cmake
  DESTINATION ${package_folder} COMPONENT client)
install(FILES ${PROJECT_BINARY_DIR}/waitstate-client.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT client)
