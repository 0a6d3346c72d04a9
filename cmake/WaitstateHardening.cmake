# What keeps a mistake in memory from becoming more than a crash. tests/hardening holds a binary against it.
option(WAITSTATE_HARDENED "Harden what is built" ${PROJECT_IS_TOP_LEVEL})

# Optimised builds alone: _FORTIFY_SOURCE needs that, and the sanitizers of the others find more.
set(WAITSTATE_HARDENED_COMPILE
  -fPIE
  -fstack-protector-strong
  -fstack-clash-protection
  -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
  -D_GLIBCXX_ASSERTIONS)
# Every build of the program: loaded anywhere, its tables read-only before main(), no code on the stack.
set(WAITSTATE_HARDENED_LINK -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
# With the compile options only: returns and indirect jumps are checked where the processor can. The linker is told, as
# the C library's start files do not say so themselves.
set(WAITSTATE_HARDENED_LINK_OPTIMISED "")
if(CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64)
  list(APPEND WAITSTATE_HARDENED_COMPILE -fcf-protection=full)
  list(APPEND WAITSTATE_HARDENED_LINK_OPTIMISED -Wl,-z,ibt -Wl,-z,shstk)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL aarch64)
  list(APPEND WAITSTATE_HARDENED_COMPILE -mbranch-protection=standard)
endif()

set(is_optimised $<NOT:$<CONFIG:Debug,>>)
if(WAITSTATE_HARDENED)
  add_compile_options("$<${is_optimised}:${WAITSTATE_HARDENED_COMPILE}>")
endif()

# waitstate_harden(program): its linking.
function(waitstate_harden program)
  if(WAITSTATE_HARDENED)
    target_link_options(${program} PRIVATE
      ${WAITSTATE_HARDENED_LINK} "$<${is_optimised}:${WAITSTATE_HARDENED_LINK_OPTIMISED}>")
  endif()
endfunction()
