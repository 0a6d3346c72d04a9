#include "waitstate/paste/read.h"

#include <cstddef>

#include "reading/reading.h"
#include "text/line.h"

namespace waitstate::paste {

result<snapshot> read(std::string_view text, const std::function<void(std::uint64_t)>& progress) {
  constexpr std::size_t progress_step = std::size_t{1} << 20U;
  line_splitter lines(text);
  reading r;
  std::size_t told = 0;
  while (const auto line = lines.next()) {
    r.take(*line);
    if (progress && lines.position() - told >= progress_step) {
      told = lines.position();
      progress(told);
    }
  }
  auto made = r.finish(lines);
  if (r.found_anything()) return made;
  return failure({.code = errc::invalid_input,
                  .what = text.empty() ? "the text is empty"
                                       : (lines.binary() > 0
                                              ? "the text is binary: no line of it could be read"
                                              : "no line of the text could be read"),
                  .hint = "paste the output of " + reading::readable()});
}

}  // namespace waitstate::paste
