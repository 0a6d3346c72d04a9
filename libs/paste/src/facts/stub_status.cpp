#include "facts/stub_status.h"

#include "text/words.h"

namespace waitstate::paste {

bool stub_status::read(std::string_view line) {
  const auto text = trimmed(line);
  if (numbers_follow_) {
    numbers_follow_ = false;
    const word_list words(text);
    const auto accepted = whole_number(words[0]);
    const auto handled = whole_number(words[1]);
    if (accepted && handled && whole_number(words[2])) {
      accepted_ = accepted;
      handled_ = handled;
      return true;
    }
  }
  if (text.starts_with("Active connections: ")) {
    active_ = number_after(text, "Active connections: ");
    return active_.has_value();
  }
  if (text.starts_with("server accepts handled requests")) {
    numbers_follow_ = true;
    return true;
  }
  return text.starts_with("Reading: ") && text.contains(" Writing: ") &&
         text.contains(" Waiting: ");
}

std::uint64_t stub_status::dropped() const {
  const auto accepted = accepted_.value_or(0);
  const auto handled = handled_.value_or(accepted);
  return accepted > handled ? accepted - handled : 0;
}

}  // namespace waitstate::paste
