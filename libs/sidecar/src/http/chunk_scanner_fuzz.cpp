// The end of a chunked body is at the same place however the body is cut, and the body that was
// taken is one of its own: it ends there again, whatever comes behind it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "http/chunk_scanner.h"

namespace {

using waitstate::sidecar::chunk_scanner;

void check(bool holds) {
  if (!holds) std::abort();
}

struct outcome {
  bool is_done = false;
  bool is_refused = false;
  std::size_t taken = 0;
};

outcome scan(std::string_view bytes, std::size_t piece) {
  chunk_scanner scanner;
  outcome out;
  while (out.taken < bytes.size() && !scanner.is_done() && scanner.refused().empty()) {
    const auto part = bytes.substr(out.taken, piece);
    const std::vector<char> there(part.begin(), part.end());
    const auto count = scanner.take({there.data(), there.size()});
    check(count <= part.size());
    check(count == part.size() || scanner.is_done() || !scanner.refused().empty());
    out.taken += count;
  }
  out.is_done = scanner.is_done();
  out.is_refused = !scanner.refused().empty();
  check(!(out.is_done && out.is_refused));
  check(scanner.take("0\r\n\r\n") == 0 || !(out.is_done || out.is_refused));
  return out;
}

/// The slow and plain way, for bodies without extensions and trailers: npos where it is not so.
std::size_t end_of_plain(std::string_view bytes) {
  for (std::size_t at = 0;;) {
    const auto line = bytes.find("\r\n", at);
    if (line == std::string_view::npos || line == at || line - at > 15) {
      return std::string_view::npos;
    }
    const std::string digits(bytes.substr(at, line - at));
    if (digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
      return std::string_view::npos;
    }
    const auto size = std::strtoull(digits.c_str(), nullptr, 16);
    at = line + 2;
    if (size > bytes.size() - at || bytes.substr(at + size, 2) != "\r\n") {
      return std::string_view::npos;
    }
    at += size + 2;
    if (size == 0) return at;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t piece = 1 + data[0] % 64;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = scan(bytes, bytes.size() + 1);
  const auto cut = scan(bytes, piece);
  check(whole.is_done == cut.is_done && whole.is_refused == cut.is_refused);
  check(!whole.is_done || whole.taken == cut.taken);
  if (const auto end = end_of_plain(bytes); end != std::string_view::npos) {
    check(whole.is_done && whole.taken == end);
  }
  if (!whole.is_done) return 0;
  const auto body = std::string(bytes.substr(0, whole.taken));
  const auto next = scan(body + "GET / HTTP/1.1\r\n", piece);
  check(next.is_done && next.taken == body.size());
  check(!scan(std::string_view(body).substr(0, body.size() - 1), piece).is_done);
  return 0;
}
