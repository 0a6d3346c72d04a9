#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "text/joined_rows.h"
#include "text/line.h"

/// Lines hold no control characters but tabs, are short, and are clean: what is cleaned again loses
/// nothing but another mark at its beginning.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using waitstate::paste::line_splitter;
  line_splitter lines({reinterpret_cast<const char*>(data), size});
  while (const auto line = lines.next()) {
    if (line->size() > line_splitter::line_max) std::abort();
    for (const char c : *line) {
      if (static_cast<unsigned char>(c) < 0x20 && c != '\t') std::abort();
    }
    const std::string once(*line);
    line_splitter again(once);
    // Rows that are seen to be several only in a clean line stay one.
    if (once.empty() || waitstate::paste::next_row_in(once) != once.npos) continue;
    const auto twice = again.next();
    if (!twice) std::abort();
    // A line of ansible's is several where it is read as a text.
    if (!once.contains(" | (stdout) ") && !once.ends_with(*twice)) std::abort();
  }
  if (lines.position() != size) std::abort();
  return 0;
}
