#include "facts/client_limit.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "text/words.h"

namespace waitstate::paste {
namespace {

struct known_number {
  std::string_view name;
  std::string_view program;
  bool is_limit = false;
};

constexpr std::array<known_number, 6> numbers{{{"connected_clients", "Redis", false},
                                               {"maxclients", "Redis", true},
                                               {"Threads_connected", "MySQL", false},
                                               {"max_connections", "MySQL", true},
                                               {"curr_connections", "memcached", false},
                                               {"max_connections", "memcached", true}}};

/// The words without what a console draws around them.
std::string plain(std::string_view line) {
  std::string text(line);
  std::ranges::replace_if(
      text, [](char c) { return std::string_view("|\"':=,;").contains(c); }, ' ');
  return text;
}

}  // namespace

bool client_limit::read(std::string_view line) {
  constexpr std::size_t line_max = 120;  // A row of a console.
  if (line.size() > line_max) return false;
  const bool may_be = line.contains("clients") || line.contains("_conn");
  if (!may_be && !limit_follows_) return false;
  const auto text = plain(line);
  const word_list words(text);
  if (limit_follows_) {
    limit_follows_ = false;
    const auto value =
        words.size() == 2 && words[0] == "2)" ? whole_number(words[1]) : std::nullopt;
    if (value) most_ = value;
    return value.has_value();
  }
  if (words.size() == 2 && words[0] == "1)" && words[1] == "maxclients") {
    if (program_ != "Redis") *this = {};
    program_ = "Redis";
    limit_follows_ = true;
    return true;
  }
  const bool is_stat = words[0] == "STAT";
  const std::size_t at = is_stat ? 1 : 0;
  const auto value = whole_number(words[at + 1]);
  if (words.size() != at + 2 || !value) return false;
  const auto* const known = std::ranges::find_if(numbers, [&](const known_number& n) {
    return n.name == words[at] && (n.program == "memcached") == is_stat;
  });
  if (known == numbers.end()) return false;
  if (program_ != known->program) *this = {};
  program_ = known->program;
  (known->is_limit ? most_ : connected_) = value;
  return true;
}

std::optional<connection_pool> client_limit::clients() const {
  if (!connected_ || !most_ || *most_ == 0) return std::nullopt;
  return connection_pool{.program = std::string(program_),
                         .name = {},
                         .leased = connected_,
                         .idle = {},
                         .waiting = {},
                         .size = most_};
}

}  // namespace waitstate::paste
