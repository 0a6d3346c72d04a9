# waitstate_bpf(target programs...): each x.bpf.c of the target's src/bpf becomes a header <x.skel.h> that its sources may include: the
# program's bytes and how to load them (bpftool's skeleton). Where fields of the kernel lie is found out at load time, so nothing is
# read from the kernel of the machine that builds.
find_package(PkgConfig REQUIRED)
pkg_check_modules(libbpf REQUIRED IMPORTED_TARGET libbpf>=1.1)
find_program(WAITSTATE_BPF_CLANG NAMES clang-19 clang REQUIRED)
find_program(WAITSTATE_BPFTOOL bpftool PATHS /usr/sbin /sbin REQUIRED)

function(waitstate_bpf target)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/bpf)
  file(MAKE_DIRECTORY ${folder})
  foreach(name IN LISTS ARGN)
    set(source ${CMAKE_CURRENT_SOURCE_DIR}/src/bpf/${name}.bpf.c)
    file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/src/bpf/*.h)
    add_custom_command(
      OUTPUT ${folder}/${name}.skel.h
      COMMAND ${WAITSTATE_BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Werror -c ${source} -o ${folder}/${name}.debug.o
      COMMAND ${WAITSTATE_BPFTOOL} gen object ${folder}/${name}.o ${folder}/${name}.debug.o
      COMMAND ${CMAKE_COMMAND} -E echo "// NOLINTBEGIN: generated" > ${folder}/${name}.skel.h
      COMMAND ${WAITSTATE_BPFTOOL} gen skeleton ${folder}/${name}.o name ${name}_bpf >> ${folder}/${name}.skel.h
      COMMAND ${CMAKE_COMMAND} -E echo "// NOLINTEND" >> ${folder}/${name}.skel.h
      DEPENDS ${source} ${headers}
      COMMENT "Building BPF program ${name}" VERBATIM)
    target_sources(${target} PRIVATE ${folder}/${name}.skel.h)
  endforeach()
  target_include_directories(${target} SYSTEM PRIVATE ${folder})
  target_link_libraries(${target} PRIVATE PkgConfig::libbpf)
endfunction()
