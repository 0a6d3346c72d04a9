# Everything of one kind, for a build that wants nothing else.
add_custom_target(waitstate_unit_tests)
add_custom_target(waitstate_fuzzers)

# waitstate_library(name [ALIAS alias] [DEPS ...] [PRIVATE_DEPS ...] [TEST_DEPS ...] [PRECOMPILED ...])
#
# One call per library, in its CMakeLists.txt. Public headers are in include/. Everything in src/ is found by its name:
# a row is x.h, x.cpp, x_test.cpp, x_fuzz.cpp and x_bench.cpp, and a folder of src/ is a room. testing/ holds what tests share;
# it is in no archive that is shipped. internal/ holds headers for the sources of its sister libraries, which name
# waitstate_<name>_internal in PRIVATE_DEPS; they are not installed. A library whose name is not in DEPS cannot be included: each
# has an include folder of its own.
#
# The others know it as waitstate::<alias>, <name> unless given. TEST_DEPS are what only its tests need. PRECOMPILED names headers
# that its sources and tests share and that are slow to read.
function(waitstate_library name)
  cmake_parse_arguments(ARG "" "ALIAS" "DEPS;PRIVATE_DEPS;TEST_DEPS;PRECOMPILED" ${ARGN})
  if(NOT ARG_ALIAS)
    set(ARG_ALIAS ${name})
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS src/*.cpp)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS include/*.h)
  file(GLOB_RECURSE internals CONFIGURE_DEPENDS internal/*.h)
  file(GLOB_RECURSE helpers CONFIGURE_DEPENDS testing/*.h testing/*.cpp)
  foreach(kind test fuzz bench)
    set(${kind}s ${sources})
    list(FILTER ${kind}s INCLUDE REGEX "_${kind}\\.cpp$")
    list(FILTER sources EXCLUDE REGEX "_${kind}\\.cpp$")
  endforeach()

  add_library(waitstate_${name} STATIC ${sources})
  add_library(waitstate::${ARG_ALIAS} ALIAS waitstate_${name})
  target_sources(waitstate_${name} PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${headers})
  target_include_directories(waitstate_${name} PRIVATE src)
  # Headers that are installed ask for less than the sources do.
  target_compile_features(waitstate_${name}
    PUBLIC $<BUILD_INTERFACE:cxx_std_23> $<INSTALL_INTERFACE:cxx_std_20>)
  target_link_libraries(waitstate_${name}
    PUBLIC ${ARG_DEPS} PRIVATE $<BUILD_INTERFACE:waitstate_warnings> ${ARG_PRIVATE_DEPS})
  waitstate_precompile(waitstate_${name} ${ARG_PRECOMPILED})
  if(internals)
    add_library(waitstate_${name}_internal INTERFACE)
    target_include_directories(waitstate_${name}_internal INTERFACE internal)
    target_link_libraries(waitstate_${name} PRIVATE $<BUILD_INTERFACE:waitstate_${name}_internal>)
  endif()

  # What its own tests, benchmarks and fuzz targets may include and link beyond the public part.
  add_library(waitstate_${name}_inside INTERFACE)
  target_include_directories(waitstate_${name}_inside INTERFACE src testing)
  target_link_libraries(waitstate_${name}_inside INTERFACE
    waitstate_${name} $<TARGET_NAME_IF_EXISTS:waitstate_${name}_internal> ${ARG_PRIVATE_DEPS} ${ARG_TEST_DEPS} waitstate_warnings)
  if(helpers)
    waitstate_testing(${name} ${helpers})
    target_link_libraries(waitstate_${name}_inside INTERFACE waitstate_${name}_testing)
  endif()

  if(tests AND WAITSTATE_TESTS)
    add_executable(waitstate_${name}_test ${tests})
    target_link_libraries(waitstate_${name}_test PRIVATE waitstate_${name}_inside)
    waitstate_unit_tests(${name} ${ARG_PRECOMPILED})
  endif()
  if(benchs AND WAITSTATE_BENCHES)
    add_executable(waitstate_${name}_bench ${benchs})
    target_link_libraries(waitstate_${name}_bench PRIVATE waitstate_${name}_inside benchmark::benchmark_main)
  endif()
  if(WAITSTATE_FUZZERS)
    foreach(source IN LISTS fuzzs)
      cmake_path(GET source STEM target)
      add_executable(${target} ${source})
      target_link_libraries(${target} PRIVATE waitstate_${name}_inside)
      target_link_options(${target} PRIVATE -fsanitize=fuzzer)
      add_dependencies(waitstate_fuzzers ${target})
      set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
    endforeach()
  endif()
endfunction()

# waitstate_testing(name helpers...): what tests share, as waitstate_<name>_testing.
function(waitstate_testing name)
  set(target waitstate_${name}_testing)
  set(sources ${ARGN})
  list(FILTER sources INCLUDE REGEX "\\.cpp$")
  if(sources)
    add_library(${target} STATIC EXCLUDE_FROM_ALL ${sources})
    target_include_directories(${target} PUBLIC testing PRIVATE src)
    target_link_libraries(${target} PUBLIC waitstate_${name} PRIVATE waitstate_warnings)
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE testing)
    target_link_libraries(${target} INTERFACE waitstate_${name})
  endif()
endfunction()

# waitstate_precompile(target headers...): only where it pays, in the builds that are made again and again. The release build does
# without, so that a header that a source forgot is found there.
function(waitstate_precompile target)
  if(ARGN AND WAITSTATE_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

# waitstate_unit_tests(name precompiled...): makes the executable waitstate_<name>_test known to ctest. Under WAITSTATE_TESTS_WHOLE
# it is one entry: where each start is slow (sanitizers), a process for each test costs more than the tests.
function(waitstate_unit_tests name)
  set(target waitstate_${name}_test)
  target_link_libraries(${target} PRIVATE GTest::gtest_main GTest::gmock)
  waitstate_precompile(${target} <gmock/gmock.h> <gtest/gtest.h> ${ARGN})
  add_dependencies(waitstate_unit_tests ${target})
  if(WAITSTATE_TESTS_WHOLE)
    add_test(NAME ${name} COMMAND ${target} --gtest_brief=1)
    set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 900)
  else()
    gtest_discover_tests(${target} TEST_PREFIX ${name}. PROPERTIES LABELS unit DISCOVERY_TIMEOUT 60)
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
