// A head means the same however it is cut, and what a forwarder makes of one that is accepted is
// accepted by the next one and means the same to it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "http/authority.h"
#include "http/http_head.h"
#include "http/known_field.h"

namespace {

using namespace waitstate::sidecar;

void check(bool holds) {
  if (!holds) std::abort();
}

bool is_text(char c) {
  const auto code = static_cast<unsigned char>(c);
  return (code >= 0x20 && code != 0x7f) || c == '\t';
}

/// Each line that is sent on is one line, of the bytes that came, and not about one connection.
std::string lines_of(const head_pieces& pieces, std::string_view bytes, std::size_t size,
                     bool keeps_length) {
  std::string all;
  for (const auto piece : pieces) {
    check(piece.data() >= bytes.data() && piece.data() + piece.size() <= bytes.data() + size);
    all += piece;
  }
  for (std::string_view rest = all; !rest.empty();) {
    const auto end = rest.find("\r\n");
    check(end != std::string_view::npos);
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    const auto colon = line.find(':');
    check(colon != std::string_view::npos && colon > 0);
    check(std::all_of(line.begin(), line.end(), is_text));
    const auto known = known_field_of(line.substr(0, colon));
    check(known == known_field::other || known == known_field::trailer ||
          (keeps_length && known == known_field::content_length));
  }
  return all;
}

std::string framing_of(const body_framing& body) {
  if (body.end == body_end::chunked) return "Transfer-Encoding: chunked\r\n";
  if (body.end != body_end::length) return {};
  return "Content-Length: " + std::to_string(body.length) + "\r\n";
}

bool is_same_body(const body_framing& a, const body_framing& b) {
  return a.end == b.end && a.length == b.length;
}

/// The part of a head that has come says nothing that the whole one takes back.
template <typename Parse>
void check_cut(std::string_view bytes, std::size_t cut, parse_state whole, int status,
               std::size_t size, Parse parse) {
  const std::vector<char> part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(cut));
  std::size_t size_then = 0;
  int status_then = 0;
  const auto state = parse(std::string_view(part.data(), part.size()), size_then, status_then);
  if (state == parse_state::incomplete) return;
  check(state == whole && (state == parse_state::complete ? size_then == size && size <= cut
                                                          : status_then == status));
}

void fuzz_request(std::string_view bytes, std::size_t cut) {
  request_head head;
  head_refusal why;
  const auto state = parse_request_head(bytes, head, why);
  check_cut(bytes, cut, state, why.status, head.size,
            [](std::string_view part, std::size_t& size, int& status) {
              request_head other;
              head_refusal because;
              const auto then = parse_request_head(part, other, because);
              size = other.size;
              status = because.status;
              return then;
            });
  check(state != parse_state::refused || (!why.why.empty() && why.status >= 400));
  if (state != parse_state::complete) return;
  const auto lines = lines_of(head.lines, bytes, head.size, false);
  check(head.host.empty() || authority_of(head.host));
  const auto host = std::string(head.host.empty() ? "h" : head.host);
  const auto again = std::string(head.method) + ' ' + std::string(head.target) +
                     " HTTP/1.1\r\nHost: " + host + "\r\n" + lines + framing_of(head.body) + "\r\n";
  if (again.size() > head_size_max) return;
  request_head next;
  check(parse_request_head(again, next, why) == parse_state::complete);
  check(next.size == again.size() && next.method == head.method && next.target == head.target &&
        next.host == host && is_same_body(next.body, head.body));
  check(lines_of(next.lines, again, next.size, false) == lines && next.keeps_open);
}

void fuzz_response(std::string_view bytes, std::size_t cut, std::string_view method) {
  response_head head;
  head_refusal why;
  const auto state = parse_response_head(bytes, method, head, why);
  check_cut(bytes, cut, state, why.status, head.size,
            [&](std::string_view part, std::size_t& size, int& status) {
              response_head other;
              head_refusal because;
              const auto then = parse_response_head(part, method, other, because);
              size = other.size;
              status = because.status;
              return then;
            });
  check(state != parse_state::refused || (!why.why.empty() && why.status == 502));
  if (state != parse_state::complete) return;
  const bool keeps_length = method == "HEAD" || head.status == 304;
  const auto lines = lines_of(head.lines, bytes, head.size, keeps_length);
  check(head.body.end != body_end::close || !head.keeps_open);
  const auto again = "HTTP/1.1 " + std::to_string(head.status) + ' ' + std::string(head.reason) +
                     "\r\n" + lines + framing_of(head.body) + "\r\n";
  if (again.size() > head_size_max) return;
  response_head next;
  check(parse_response_head(again, method, next, why) == parse_state::complete);
  check(next.size == again.size() && next.status == head.status && next.reason == head.reason &&
        is_same_body(next.body, head.body));
  check(lines_of(next.lines, again, next.size, keeps_length) == lines);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static constexpr std::string_view methods[] = {"GET", "HEAD", "CONNECT", "POST"};
  const unsigned kind = data[0];
  std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  // Where a head begins well, more of the inputs come as far as its fields.
  std::string begun;
  if ((kind & 8U) != 0) {
    begun = (kind & 4U) != 0 ? "HTTP/1.1 200 OK\r\n" : "GET / HTTP/1.1\r\nHost: h\r\n";
    begun.append(bytes);
    bytes = begun;
  }
  const auto cut = bytes.size() * data[1] / 256;
  if ((kind & 4U) != 0) {
    fuzz_response(bytes, cut, methods[kind & 3U]);
  } else {
    fuzz_request(bytes, cut);
  }
  return 0;
}
