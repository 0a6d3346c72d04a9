#include "waitstate/config/toml_document.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "waitstate/base/words.h"

namespace waitstate::config {
namespace {

/// The first line that opens more tables than any such text has: the parser calls itself for each.
std::optional<std::size_t> too_deep(std::string_view text) {
  constexpr std::ptrdiff_t most = 1'000;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    if (std::ranges::count_if(line, [](char c) { return c == '.' || c == '[' || c == '{'; }) >
        most) {
      return number;
    }
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
  }
  return std::nullopt;
}

}  // namespace

result<toml::table> parse_toml(std::string_view text, std::size_t bytes_max,
                               std::string_view example) {
  if (text.size() > bytes_max) {
    return failure({.code = errc::invalid_input,
                    .what = fmt::format("it is longer than {} bytes", bytes_max),
                    .hint = {}});
  }
  if (const auto line = too_deep(text)) {
    return failure({.code = errc::invalid_input,
                    .what = fmt::format("line {}: it is nested too deeply", *line),
                    .hint = fmt::format("{} shows how it is written", example)});
  }
  auto document = toml::parse(text);
  if (document.failed()) {
    return wrong_at(document.error().source(), quotable(document.error().description(), 300),
                    "the language is TOML: https://toml.io/en/v1.0.0");
  }
  return std::move(document).table();
}

}  // namespace waitstate::config
