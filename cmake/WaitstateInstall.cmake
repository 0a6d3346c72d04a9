# Installs the client library (component "client"): headers, archives, and for its core and each of its wings a part of the package
# for find_package(waitstate COMPONENTS ...) and a file for pkg-config.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/waitstate)
# Relative to the file, as `cmake --install --prefix` may choose another place.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
  BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE WAITSTATE_PREFIX_FROM_PC)

# waitstate_pkg_config(part description requires libraries): installs waitstate-<part>.pc.
function(waitstate_pkg_config part description requires libraries)
  set(name waitstate-${part})
  configure_file(cmake/waitstate.pc.in ${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT client)
endfunction()

# waitstate_install(part targets...): an export set of its own, so that who wants one wing needs no other one's libraries.
function(waitstate_install part)
  install(TARGETS ${ARGN} EXPORT waitstate-${part}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT client
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT client)
  install(EXPORT waitstate-${part} NAMESPACE waitstate:: FILE waitstate-${part}.cmake
    DESTINATION ${package_folder} COMPONENT client)
endfunction()

set_target_properties(waitstate_base PROPERTIES EXPORT_NAME base)
set_target_properties(waitstate_client_core PROPERTIES EXPORT_NAME core)
waitstate_install(core waitstate_base waitstate_client_core)
foreach(wing IN LISTS WAITSTATE_CLIENT_WINGS)
  set_target_properties(waitstate_client_${wing} PROPERTIES EXPORT_NAME ${wing})
  waitstate_install(${wing} waitstate_client_${wing})
endforeach()

waitstate_pkg_config(core "A pool of connections that cannot leak, with balancing, failover and discovery"
  "fmt openssl" "-lwaitstate_client_core -lwaitstate_base -pthread -ldl")
set(of_http "HTTP/1.1 clients over waitstate's pool")
set(of_thrift "Thrift, Finagle's and ThriftMux clients over waitstate's pool")
set(of_redis "Redis clients over waitstate's pool")
set(of_zookeeper "ServerSets in ZooKeeper for waitstate's clusters")
set(of_prometheus "Waitstate's clusters as Prometheus' metrics")
set(needs_thrift " thrift")
set(needs_redis " hiredis")
set(needs_prometheus " prometheus-cpp-core")
set(links_http " -lz -lbrotlidec -lzstd")
set(links_zookeeper " -lzookeeper_mt")
set(all waitstate-core)
foreach(wing IN LISTS WAITSTATE_CLIENT_WINGS)
  waitstate_pkg_config(${wing} "${of_${wing}}" "waitstate-core${needs_${wing}}" "-lwaitstate_client_${wing}${links_${wing}}")
  string(APPEND all " waitstate-${wing}")
endforeach()
waitstate_pkg_config(client "Waitstate's whole client library" "${all}" "")

string(JOIN " " WAITSTATE_INSTALLED_WINGS ${WAITSTATE_CLIENT_WINGS})
configure_package_config_file(cmake/waitstate-config.cmake.in waitstate-config.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(waitstate-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/waitstate-config.cmake
  ${PROJECT_BINARY_DIR}/waitstate-config-version.cmake
  DESTINATION ${package_folder} COMPONENT client)
