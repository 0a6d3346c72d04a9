#include "reading/host_parts.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "commands/typed_command.h"
#include "text/words.h"

namespace waitstate::paste {
namespace {

/// Whoever compares more hosts than these uses a tool for it.
constexpr std::size_t hosts_max = 16;

bool is_host_character(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
}

/// Where the output of a host begins, and which it is.
struct prompt {
  std::size_t at = 0;
  std::string_view host;
};

/// The first prompt at or behind `from` that names a host. Most lines hold no "@", so that few are
/// looked at. Moves `from` behind it.
std::optional<prompt> next_prompt(std::string_view text, std::size_t& from) {
  while (from < text.size()) {
    const auto sign = text.find('@', from);
    if (sign == std::string_view::npos) return std::nullopt;
    const auto before = text.find_last_of("\r\n", sign);
    const auto start = before == std::string_view::npos ? 0 : before + 1;
    from = std::min(text.find_first_of("\r\n", sign), text.size());
    const auto host = host_of_prompt(text.substr(start, from - start));
    if (!host.empty()) return prompt{.at = start, .host = host};
  }
  return std::nullopt;
}

std::vector<prompt> prompts_of(std::string_view text) {
  std::vector<prompt> found;
  std::size_t from = 0;
  while (const auto next = next_prompt(text, from)) {
    if (found.empty() || found.back().host != next->host) found.push_back(*next);
  }
  return found;
}

}  // namespace

std::string_view host_of_prompt(std::string_view line) {
  constexpr std::size_t line_max = 4'096;  // As line_splitter cuts them.
  line = line.substr(0, line_max);
  const auto sign = line.find('@');
  if (sign == std::string_view::npos || sign == 0) return {};
  const auto typed = typed_command(line);
  // The command itself may name a user of another host.
  if (!typed || typed->data() < line.data() + sign) return {};
  auto host = line.substr(sign + 1);
  const auto* const end = std::ranges::find_if_not(host, is_host_character);
  host = host.substr(0, static_cast<std::size_t>(end - host.begin()));
  while (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

std::string_view host_of_text(std::string_view text) {
  std::size_t from = 0;
  const auto first = next_prompt(text, from);
  return first ? first->host : std::string_view{};
}

std::vector<host_part> parts_by_host(std::string_view text) {
  const auto prompts = prompts_of(text);
  std::vector<host_part> parts;
  if (prompts.size() < 2) return parts;
  parts.reserve(std::min(prompts.size(), hosts_max));
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    const auto start = i == 0 ? 0 : prompts[i].at;
    const auto end = i + 1 < prompts.size() ? prompts[i + 1].at : text.size();
    auto part = std::ranges::find(parts, prompts[i].host, &host_part::host);
    if (part == parts.end() && parts.size() < hosts_max) {
      parts.push_back({.host = std::string(prompts[i].host), .text = {}});
      part = parts.end() - 1;
    }
    auto& to = part == parts.end() ? parts.back() : *part;
    to.text.append(text.substr(start, end - start));
  }
  return parts;
}

}  // namespace waitstate::paste
