#include "waitstate/client/redis/redis_reply.h"

#include <algorithm>
#include <array>
#include <cassert>

#include <fmt/format.h>

namespace waitstate::client {
namespace {

/// What a server sends may hold what a terminal obeys, or a line's end.
void write_escaped(std::string& into, std::string_view text, std::size_t length_max,
                   std::string_view escaped_too = {}) {
  for (const char c : text) {
    if (into.size() > length_max) return;
    if (escaped_too.contains(c)) {
      into += '\\';
      into += c;
    } else if (c < ' ' || c > '~') {
      into += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      into += c;
    }
  }
}

void write(std::string& into, const redis_reply& r, std::size_t length_max) {
  switch (r.kind) {
    case redis_kind::null: into += "(nil)"; return;
    case redis_kind::status: write_escaped(into, r.text, length_max); return;
    case redis_kind::error:
      into += "(error) ";
      write_escaped(into, r.text, length_max);
      return;
    case redis_kind::integer: into += std::to_string(r.number); return;
    case redis_kind::string:
      into += '"';
      write_escaped(into, r.text, length_max, "\"\\");
      into += '"';
      return;
    case redis_kind::array: break;
  }
  into += '[';
  for (bool is_first = true; const auto& e : r.elements) {
    if (into.size() > length_max) return;
    if (!is_first) into += ", ";
    is_first = false;
    write(into, e, length_max);
  }
  into += ']';
}

}  // namespace

std::string_view to_string(redis_kind k) {
  switch (k) {
    case redis_kind::null: return "null";
    case redis_kind::status: return "status";
    case redis_kind::error: return "error";
    case redis_kind::integer: return "integer";
    case redis_kind::string: return "string";
    case redis_kind::array: return "array";
  }
  assert(false && "unknown kind");
  return {};
}

std::string_view redis_reply::error_code() const {
  if (!is_error()) return {};
  return std::string_view(text).substr(0, text.find(' '));
}

std::string to_string(const redis_reply& r, std::size_t length_max) {
  std::string line;
  write(line, r, length_max);
  if (line.size() > length_max) {
    line.resize(length_max);
    line += "...";
  }
  return line;
}

bool is_refusal(const redis_reply& r) {
  static constexpr std::array<std::string_view, 5> codes = {"LOADING", "READONLY", "MASTERDOWN",
                                                            "CLUSTERDOWN", "BUSY"};
  return std::ranges::find(codes, r.error_code()) != codes.end();
}

}  // namespace waitstate::client
