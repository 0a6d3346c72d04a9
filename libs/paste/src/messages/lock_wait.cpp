#include "messages/lock_wait.h"

#include "text/words.h"

namespace waitstate::paste {
namespace {

std::string_view up_to(std::string_view text, std::string_view ends) {
  return text.substr(0, text.find_first_of(ends));
}

}  // namespace

std::string_view lock_waited_for(std::string_view line) {
  constexpr std::string_view futex = "futex(0x";
  if (const auto at = line.find(futex); at != std::string_view::npos) {
    const auto call = line.substr(at + futex.size() - 2);
    const auto lock = up_to(call, ", )");
    const auto rest = call.substr(lock.size());
    const bool held =
        rest.starts_with(", FUTEX_WAIT_PRIVATE, 2,") || rest.starts_with(", FUTEX_WAIT, 2,");
    return held ? lock : std::string_view{};
  }
  constexpr std::string_view jstack = "- waiting to lock <";
  if (const auto at = line.find(jstack); at != std::string_view::npos) {
    return up_to(line.substr(at + jstack.size()), ">");
  }
  const auto text = trimmed(line);
  if (text.starts_with('#') && text.contains("__lll_lock_wait")) return "__lll_lock_wait";
  if (text.starts_with("goroutine ") && text.contains("[sync.Mutex.Lock")) return "sync.Mutex";
  if (text.starts_with("goroutine ") && text.contains("[semacquire")) return "semacquire";
  return {};
}

}  // namespace waitstate::paste
