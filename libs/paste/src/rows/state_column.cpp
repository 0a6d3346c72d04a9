#include "rows/state_column.h"

#include "text/text_endpoint.h"

namespace waitstate::paste {
namespace {

/// A word of a state is no number, no "-" and no "1464/nginx".
bool may_be_state(std::string_view word) {
  constexpr std::string_view foreign = "/(:-";
  return !word.empty() && !is_digit(word.front()) && word.find_first_of(foreign) == word.npos;
}

}  // namespace

state_column read_state_column(const tokens& words, std::size_t index,
                               const text_endpoint& remote) {
  constexpr std::size_t words_max = 3;  // "EN ÉCOUTE", and one more.
  for (std::size_t count = 1; count <= words_max && index + count <= words.size(); ++count) {
    const auto last = words[index + count - 1];
    const std::string_view text(words[index].data(), last.data() + last.size());
    if (const auto state = read_state(text)) return {.state = *state, .next = index + count};
  }
  if (index + 1 == words.size()) {
    if (const auto state = read_cut_state(words[index])) {
      return {.state = *state, .next = index + 1};
    }
  }
  const auto next = index + (may_be_state(words[index]) ? 1 : 0);
  return {.state = is_wildcard(remote) ? tcp::state::listen : tcp::state::unknown, .next = next};
}

}  // namespace waitstate::paste
