// However the bytes are cut, the requests are the same, and so is the verdict; and the words of a
// line make the request that its array reads back as.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "redis/resp_request_scanner.h"

namespace {

using namespace waitstate::sidecar;
using state = resp_request_scanner::state;

struct outcome {
  std::vector<std::string> requests;
  bool is_refused = false;

  friend bool operator==(const outcome&, const outcome&) = default;
};

outcome scan(std::string_view bytes, std::size_t piece) {
  resp_request_scanner scanner(std::size_t{1} << 16);
  outcome all;
  std::size_t begin = 0;
  for (auto end = std::min(piece, bytes.size());;) {
    const auto got = scanner.scan(bytes.substr(begin, end - begin));
    if (got == state::refused) {
      all.is_refused = true;
      return all;
    }
    if (got == state::incomplete) {
      if (end == bytes.size()) return all;
      end = std::min(end + piece, bytes.size());
      continue;
    }
    if (scanner.size() == 0 || scanner.size() > end - begin) std::abort();
    std::string words;
    for (const auto word : scanner.arguments(bytes.substr(begin, end - begin)))
      words += std::string(word) + "|";
    if (got == state::complete && scanner.is_inline()) {
      const auto array = as_array(bytes.substr(begin, scanner.size()));
      resp_request_scanner again(std::size_t{1} << 20);
      if (again.scan(array) != state::complete || again.size() != array.size()) std::abort();
      if (again.argument_count() != scanner.argument_count()) std::abort();
    }
    all.requests.push_back(std::move(words));
    begin += scanner.size();
    scanner.reset();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.empty()) return 0;
  const auto whole = scan(bytes, bytes.size());
  if (scan(bytes, 1) != whole || scan(bytes, 7) != whole) std::abort();
  return 0;
}
