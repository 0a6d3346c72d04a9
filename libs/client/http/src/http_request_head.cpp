#include "http_request_head.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace waitstate::client {
namespace {

void append_number(std::string& out, std::uint64_t number, int base) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

bool takes_a_body(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

bool may_be_added(const call_field& f) {
  return is_callers_field(f.name, f.value) && !is_same_field(f.name, "Host") &&
         !is_same_field(f.name, "Connection");
}

bool is_among(std::span<const call_field> fields, std::string_view name) {
  return std::ranges::any_of(
      fields, [name](const auto& f) { return is_same_field(f.name, name) && may_be_added(f); });
}

}  // namespace

http_framing framing_of(const http_request& request) {
  if (request.source) {
    return {.length = request.source->length, .is_chunked = !request.source->length};
  }
  // An empty body is announced where a server expects one (RFC 9110 section 8.6).
  if (request.body.empty() && !takes_a_body(request.method)) return {};
  return {.length = request.body.size(), .is_chunked = false};
}

void append_head(std::string& out, const http_request& request, const http_framing& framing,
                 const http_head_extras& extras) {
  out.append(request.method).append(" ").append(extras.target_prefix).append(request.target);
  out.append(" HTTP/1.1\r\n");
  const auto& own = request.headers;
  if (!own.find("Host")) append_field(out, "Host", extras.host);
  if (!extras.user_agent.empty() && !own.find("User-Agent")) {
    append_field(out, "User-Agent", extras.user_agent);
  }
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (!is_among(extras.fields, own[i].name)) append_field(out, own[i].name, own[i].value);
  }
  if (!extras.accept_encoding.empty() && may_be_encoded(request)) {
    append_field(out, "Accept-Encoding", extras.accept_encoding);
  }
  if (!extras.proxy_authorization.empty()) {
    append_field(out, "Proxy-Authorization", extras.proxy_authorization);
  }
  for (const auto& added : extras.fields) {
    if (may_be_added(added)) append_field(out, added.name, added.value);
  }
  if (extras.says_close && !own.find("Connection")) append_field(out, "Connection", "close");
  if (framing.is_chunked) append_field(out, "Transfer-Encoding", "chunked");
  if (framing.length) {
    out.append("Content-Length: ");
    append_number(out, *framing.length, 10);
    out.append("\r\n");
  }
  if (extras.expects_continue) append_field(out, "Expect", "100-continue");
  out.append("\r\n");
}

void append_chunk(std::string& out, std::string_view piece) {
  append_number(out, piece.size(), 16);
  out.append("\r\n").append(piece).append("\r\n");
}

bool may_be_encoded(const http_request& request) {
  // A part of an encoded body cannot be undone.
  return !request.headers.find("Accept-Encoding") && !request.headers.find("Range");
}

bool says_close(const http_request& request) {
  return request.headers.find("Connection").has_value();  // check() lets nothing but "close" in
}

}  // namespace waitstate::client
