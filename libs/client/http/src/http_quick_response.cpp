#include "http_quick_response.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace waitstate::client {
namespace {

constexpr std::string_view begins_with = "HTTP/1.1 ";
constexpr std::string_view line_end = "\r\n";
constexpr std::size_t status_size = 3;
constexpr std::size_t length_digits_max = 15;

/// RFC 9110 section 5.6.2.
constexpr auto token_bytes = [] {
  std::array<bool, 256> is{};
  for (unsigned char c = '0'; c <= '9'; ++c) is[c] = true;
  for (unsigned char c = 'a'; c <= 'z'; ++c) is[c] = true;
  for (unsigned char c = 'A'; c <= 'Z'; ++c) is[c] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) is[static_cast<unsigned char>(c)] = true;
  return is;
}();

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return token_bytes[static_cast<unsigned char>(c)];
  });
}

/// Without tabs and bytes that are not ASCII, which are allowed, but not usual.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

std::string_view without_blanks(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// Takes a line without its end; nothing where there is none, or it does not end as it should.
std::optional<std::string_view> take_line(std::string_view& bytes) {
  const auto end = bytes.find('\n');
  if (end == bytes.npos || end == 0 || bytes[end - 1] != line_end[0]) return std::nullopt;
  const auto line = bytes.substr(0, end - 1);
  bytes.remove_prefix(end + 1);
  return line;
}

std::optional<std::uint64_t> number(std::string_view digits) {
  std::uint64_t value = 0;
  if (digits.empty() || digits.size() > length_digits_max) return std::nullopt;
  const auto* const end = digits.data() + digits.size();
  const auto [stop, code] = std::from_chars(digits.data(), end, value);
  if (code != std::errc() || stop != end) return std::nullopt;
  return value;
}

/// What its fields say about where it ends and what comes after it.
struct framing {
  std::optional<std::uint64_t> length;
  std::optional<bool> keeps;
};

/// False for what takes a second look.
bool take_field(framing& known, std::string_view name, std::string_view value) {
  switch (name.size()) {
    case std::string_view("Upgrade").size(): return !is_same_field(name, "Upgrade");
    case std::string_view("Connection").size():
      if (!is_same_field(name, "Connection")) return true;
      if (known.keeps) return false;
      known.keeps = is_same_field(value, "keep-alive");
      return *known.keeps || is_same_field(value, "close");
    case std::string_view("Content-Length").size():
      if (!is_same_field(name, "Content-Length")) return true;
      if (known.length) return false;
      known.length = number(value);
      return known.length.has_value();
    case std::string_view("Proxy-Connection").size():
      return !is_same_field(name, "Proxy-Connection");
    case std::string_view("Transfer-Encoding").size():
      return !is_same_field(name, "Transfer-Encoding");
    default: return true;
  }
}

bool take_status(std::string_view line, http_response& into) {
  if (!line.starts_with(begins_with)) return false;
  line.remove_prefix(begins_with.size());
  if (line.size() <= status_size || line[status_size] != ' ') return false;
  const auto status = number(line.substr(0, status_size));
  const auto reason = line.substr(status_size + 1);
  // 204 and 304 have no body whatever they say, and 1xx is not final.
  if (!status || *status < 200 || *status == 204 || *status == 304 || !is_plain(reason))
    return false;
  into.status = static_cast<std::uint16_t>(*status);
  into.reason = reason;
  return true;
}

}  // namespace

std::optional<quick_response> read_quickly(std::string_view bytes, const http_limits& limits,
                                           http_response& into) {
  auto rest = bytes;
  const auto status = take_line(rest);
  if (!status || !take_status(*status, into)) return std::nullopt;
  into.headers.clear();
  into.headers.reserve(16, 512);
  framing known;
  for (;;) {
    const auto line = take_line(rest);
    if (!line) return std::nullopt;
    if (line->empty()) break;
    const auto colon = line->find(':');
    if (colon == line->npos) return std::nullopt;
    const auto name = line->substr(0, colon);
    const auto value = without_blanks(line->substr(colon + 1));
    if (!is_token(name) || !is_plain(value) || !take_field(known, name, value)) return std::nullopt;
    into.headers.add(name, value);
  }
  const auto head_size = bytes.size() - rest.size();
  if (head_size > limits.header_max || !known.length || *known.length > rest.size() ||
      *known.length > limits.body_max) {
    return std::nullopt;
  }
  into.body = rest.substr(0, static_cast<std::size_t>(*known.length));
  return quick_response{.used = head_size + into.body.size(),
                        .keeps_connection = known.keeps.value_or(true)};
}

}  // namespace waitstate::client
