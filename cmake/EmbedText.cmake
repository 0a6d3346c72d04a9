# Writes OUTPUT, a C++ source that holds the text of FILES (separated by |); see waitstate_embed().
# Raw string literals are cut into pieces, as compilers bound the length of one.
set(source "#include \"app/cli/embedded_text.h\"\n\nnamespace waitstate::cli {\n\n")
set(entries "")
string(REPLACE "|" ";" FILES "${FILES}")
foreach(file IN LISTS FILES)
  cmake_path(GET file STEM name)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${hex}")
  string(REGEX REPLACE "((\\\\x..)(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?(\\\\x..)?)"
         "\n  \"\\1\"" lines "${bytes}")
  string(APPEND entries "  {\"${name}\",${lines}},\n")
endforeach()
string(APPEND source "std::span<const embedded_text> ${SYMBOL}() {\n  static constexpr embedded_text texts[] = {\n${entries}  };\n  return texts;\n}\n\n}  // namespace waitstate::cli\n")
file(WRITE ${OUTPUT} "${source}")
