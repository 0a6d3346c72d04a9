#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "waitstate/render/json.h"
#include "waitstate/render/text.h"

/// Whatever the bytes: a report that can be shown and reads back as itself, or an error that says
/// what to do.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate;
  const auto read = render::from_json({reinterpret_cast<const char*>(data), size});
  if (!read) {
    if (read.error().what.empty() || read.error().hint.empty()) std::abort();
    return 0;
  }
  const auto written = render::to_json(*read);
  const auto again = render::from_json(written);
  if (!again || render::to_json(*again) != written) std::abort();
  const render::text_style style{.width = 60, .colour = true, .verbose = true};
  if (render::to_text(*read, style) != render::to_text(*again, style)) std::abort();
  return 0;
}
