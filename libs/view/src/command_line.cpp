#include "command_line.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "waitstate/base/text.h"

namespace waitstate::view {
namespace {

/// What to_text() put between blanks, without its quotes.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      is_quoted = !is_quoted;
    } else if (c == '\\' && is_quoted && i + 1 < text.size()) {
      word += text[++i];
    } else if (c == ' ' && !is_quoted) {
      words.push_back(std::exchange(word, {}));
    } else {
      word += c;
    }
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

std::string in_shell(const std::string& word) {
  const bool is_plain = std::ranges::all_of(word, [](char c) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter || (c >= '0' && c <= '9') || std::string_view(":.,/_-+@%").contains(c);
  });
  return is_plain ? word : shell_quoted(word);
}

}  // namespace

std::string command_line(std::string_view command, const socket_selector& selected,
                         std::string_view net_namespace) {
  auto line = fmt::format("waitstate {}", command);
  if (!net_namespace.empty()) {
    line += fmt::format(" --netns {}", in_shell(std::string(net_namespace)));
  }
  for (const auto& word : words_of(to_text(selected))) line += " " + in_shell(word);
  return line;
}

}  // namespace waitstate::view
