#include "app/cli/shell_word.h"

#include <string_view>

#include "waitstate/base/text.h"

namespace waitstate::cli {

std::string shell_word(const std::string& text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:,./-_=";
  const bool is_plain = !text.empty() && text.find_first_not_of(plain) == text.npos;
  return is_plain ? text : shell_quoted(text);
}

}  // namespace waitstate::cli
