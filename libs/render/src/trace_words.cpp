#include "trace_words.h"

#include <fmt/format.h>

#include "waitstate/base/text.h"

namespace waitstate::render {

std::string life_text(const std::optional<std::chrono::microseconds>& life) {
  if (!life) return "-";
  if (*life < std::chrono::milliseconds(1)) return fmt::format("{} us", life->count());
  return elapsed(std::chrono::duration_cast<std::chrono::milliseconds>(*life));
}

std::string_view to_word(first_closer who) {
  switch (who) {
    case first_closer::local: return "local";
    case first_closer::peer: return "peer";
    case first_closer::nobody: break;
  }
  return {};
}

}  // namespace waitstate::render
