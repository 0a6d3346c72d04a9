// An endpoint's host lies inside the word, and host, mark and port put together again, in brackets,
// are read as the same endpoint.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "text/text_endpoint.h"

namespace {

using namespace waitstate::paste;

void check(std::string_view word, char mark,
           std::optional<text_endpoint> (*read)(std::string_view)) {
  const auto first = read(word);
  if (!first) return;
  if (first->host.data() < word.data() ||
      first->host.data() + first->host.size() > word.data() + word.size()) {
    std::abort();
  }
  if (first->is_service) return;  // The name of one that no table knows stands for no number.
  constexpr std::size_t host_max = 200;  // With its port and brackets a word stays in bounds.
  if (first->host.size() > host_max || first->host.find_first_of("[]") != std::string_view::npos)
    return;
  const auto written = '[' + std::string(first->host) + ']' + mark + std::to_string(first->port);
  const auto again = read(written);
  if (!again || *again != *first) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view word(reinterpret_cast<const char*>(data), size);
  check(word, ':', read_colon_endpoint);
  check(word, '.', read_dot_endpoint);
  return 0;
}
