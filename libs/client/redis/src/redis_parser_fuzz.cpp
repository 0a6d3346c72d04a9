// However the bytes are cut, the replies are the same, and so is the verdict.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "redis_parser.h"

namespace {

using namespace waitstate::client;

struct outcome {
  std::vector<redis_reply> replies;
  bool is_refused = false;
};

outcome parse(std::string_view bytes, std::size_t piece) {
  // The limits count what was fed, so that pieces and the whole could meet them differently.
  redis_parser parser({.reply_bytes_max = std::size_t{1} << 20, .elements_max = 1000});
  outcome all;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    parser.feed(bytes.substr(at, piece));
    for (;;) {
      auto next = parser.next();
      if (!next) {
        all.is_refused = true;
        return all;
      }
      if (!*next) break;
      all.replies.push_back(**std::move(next));
    }
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.empty()) return 0;
  const auto whole = parse(bytes, bytes.size());
  const auto cut = parse(bytes, 1);
  if (whole.replies != cut.replies || whole.is_refused != cut.is_refused) std::abort();
  return 0;
}
