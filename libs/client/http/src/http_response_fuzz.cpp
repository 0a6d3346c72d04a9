// A response means the same however it is cut into pieces, and one after which the connection is
// kept leaves it so that the next response is read in full.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http_response_parser.h"

namespace {

using namespace waitstate::client;
using body = http_response_parser::body;

struct outcome {
  bool is_fine = false;
  bool is_kept = false;
  std::size_t used = 0;
  std::string text;
};

void check(bool holds) {
  if (!holds) std::abort();
}

std::string text_of(const http_response& r) {
  auto text = std::to_string(r.status) + '\n' + r.reason + '\n';
  for (std::size_t i = 0; i < r.headers.size(); ++i) {
    text.append(r.headers[i].name).append(":").append(r.headers[i].value).append("\n");
  }
  return text + '\n' + r.body;
}

outcome read(std::string_view bytes, std::size_t piece, body kind) {
  const http_limits limits{.header_max = 4096, .body_max = 4096, .interim_max = 3};
  http_response_parser parser(limits, kind);
  outcome out;
  for (std::size_t end = 0; end < bytes.size() && !parser.is_done();) {
    end = std::min(bytes.size(), end + piece);
    const auto used = parser.put(bytes.substr(out.used, end - out.used));
    if (!used) return out;
    out.used += *used;
    check(out.used <= end);
    check(kind != body::whole || parser.response().body.size() <= limits.body_max);
  }
  if (!parser.is_done() && !parser.end_of_stream()) return out;
  check(parser.is_done() && parser.response().status >= 200);
  check(kind != body::none || parser.response().body.empty());
  out.is_fine = true;
  out.is_kept = is_reusable({.request_sent = true,
                             .response_done = parser.is_done(),
                             .response_keeps = parser.keeps_connection(),
                             .we_said_close = false,
                             .bytes_after = bytes.size() - out.used});
  check(!is_reusable({.request_sent = false, .response_done = true, .response_keeps = true}));
  out.text = text_of(parser.response());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto kind = static_cast<body>(data[0] % 3);
  const std::size_t piece = 1 + data[1] % 32;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto whole = read(bytes, bytes.size() + 1, kind);
  // Limits are looked at when bytes come, so that long input may fail earlier in pieces.
  if (bytes.size() < 2048) {
    const auto cut = read(bytes, piece, kind);
    check(whole.is_fine == cut.is_fine);
    check(!whole.is_fine ||
          (whole.text == cut.text && whole.used == cut.used && whole.is_kept == cut.is_kept));
  }
  if (!whole.is_kept) return 0;
  check(whole.used == bytes.size());
  const std::string next = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
  const auto both = std::string(bytes) + next;
  const auto first = read(both, both.size(), kind);
  check(first.is_fine && first.used == bytes.size() && first.text == whole.text);
  check(read(std::string_view(both).substr(first.used), 7, body::whole).is_kept);
  return 0;
}
