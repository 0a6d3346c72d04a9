# Writes OUTPUT, a C++ source that holds the text of FILES (separated by |); see waitstate_embed().
# As arrays of characters: compilers bound the length of a string literal, not of an array.
set(arrays "")
set(entries "")
string(REPLACE "|" ";" FILES "${FILES}")
foreach(file IN LISTS FILES)
  cmake_path(GET file STEM name)
  string(MAKE_C_IDENTIFIER "${name}" array)
  file(READ ${file} hex HEX)
  if(hex STREQUAL "")
    message(FATAL_ERROR "${file} is empty")
  endif()
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  # A line for each line of the text, so that no line of the source gets too long.
  string(REPLACE "'\\x0a'," "'\\x0a',\n" bytes "${bytes}")
  string(APPEND arrays "constexpr char text_of_${array}[] = {\n${bytes}};\n\n")
  string(APPEND entries
    "    {.name = \"${name}\", .text = {text_of_${array}, sizeof(text_of_${array})}},\n")
endforeach()
file(WRITE ${OUTPUT} "// NOLINTBEGIN: generated
#include \"app/cli/embedded_text.h\"

namespace waitstate::cli {
namespace {

${arrays}constexpr embedded_text texts[] = {
${entries}};

}  // namespace

std::span<const embedded_text> ${SYMBOL}();
std::span<const embedded_text> ${SYMBOL}() { return texts; }

}  // namespace waitstate::cli
// NOLINTEND
")
