# Everything of one kind, for a build that wants nothing else.
add_custom_target(waitstate_unit_tests)
add_custom_target(waitstate_fuzzers)

# waitstate_library(name [SOURCES ...] [TESTS ...] [BENCHES ...] [FUZZERS ...] [DEPS ...] [PRIVATE_DEPS ...])
#
# PRECOMPILED names headers that its sources and tests share and that are slow to read.
#
# One call per library, in libs/<name>/CMakeLists.txt. Public headers are in
# include/; everything named here is in src/. A library whose name is not in
# DEPS cannot be included: each has an include folder of its own.
function(waitstate_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;TESTS;BENCHES;FUZZERS;DEPS;PRIVATE_DEPS;PRECOMPILED" ${ARGN})

  add_library(waitstate_${name} STATIC ${ARG_SOURCES})
  add_library(waitstate::${name} ALIAS waitstate_${name})
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS include/*.h)
  target_sources(waitstate_${name} PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${headers})
  target_include_directories(waitstate_${name} PRIVATE src)
  target_compile_features(waitstate_${name} PUBLIC cxx_std_23)
  target_link_libraries(waitstate_${name}
    PUBLIC ${ARG_DEPS} PRIVATE $<BUILD_INTERFACE:waitstate_warnings> ${ARG_PRIVATE_DEPS})

  if(ARG_PRECOMPILED)
    target_precompile_headers(waitstate_${name} PRIVATE ${ARG_PRECOMPILED})
  endif()

  if(ARG_TESTS AND WAITSTATE_TESTS)
    add_executable(waitstate_${name}_test ${ARG_TESTS})
    if(ARG_PRECOMPILED)
      target_precompile_headers(waitstate_${name}_test REUSE_FROM waitstate_${name})
    endif()
    target_include_directories(waitstate_${name}_test PRIVATE src)
    target_link_libraries(waitstate_${name}_test
      PRIVATE waitstate::${name} ${ARG_PRIVATE_DEPS} waitstate_warnings GTest::gtest_main GTest::gmock)
    add_dependencies(waitstate_unit_tests waitstate_${name}_test)
    gtest_discover_tests(waitstate_${name}_test
      TEST_PREFIX ${name}. PROPERTIES LABELS unit DISCOVERY_TIMEOUT 60)
  endif()
  if(ARG_BENCHES AND WAITSTATE_BENCHES)
    add_executable(waitstate_${name}_bench ${ARG_BENCHES})
    target_include_directories(waitstate_${name}_bench PRIVATE src)
    target_link_libraries(waitstate_${name}_bench
      PRIVATE waitstate::${name} ${ARG_PRIVATE_DEPS} benchmark::benchmark_main)
  endif()
  if(WAITSTATE_FUZZERS)
    foreach(source IN LISTS ARG_FUZZERS)
      cmake_path(GET source STEM target)
      add_executable(${target} ${source})
      target_include_directories(${target} PRIVATE src)
      target_link_libraries(${target} PRIVATE waitstate::${name} ${ARG_PRIVATE_DEPS})
      target_link_options(${target} PRIVATE -fsanitize=fuzzer)
      add_dependencies(waitstate_fuzzers ${target})
      set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
    endforeach()
  endif()
endfunction()

# waitstate_embed(target symbol files...): the text of each file, in the target, as
# `std::span<const waitstate::cli::embedded_text> waitstate::cli::symbol()`; see
# app/cli/embedded_text.h. Files are relative to the source folder.
function(waitstate_embed target symbol)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.cpp)
  set(files "")
  foreach(file IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
    list(APPEND files ${file})
  endforeach()
  string(JOIN "|" joined ${files})
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DSYMBOL=${symbol} "-DFILES=${joined}"
            -P ${PROJECT_SOURCE_DIR}/cmake/EmbedText.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/EmbedText.cmake
    COMMENT "Embedding ${symbol}" VERBATIM)
  target_sources(${target} PRIVATE ${output})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
endfunction()
