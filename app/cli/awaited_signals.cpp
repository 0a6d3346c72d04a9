#include "app/cli/awaited_signals.h"

#include <algorithm>
#include <ctime>

namespace waitstate::cli {

awaited_signals::awaited_signals() {
  ::sigemptyset(&awaited_);
  for (const int one : {SIGHUP, SIGTERM, SIGINT}) ::sigaddset(&awaited_, one);
  ::pthread_sigmask(SIG_BLOCK, &awaited_, &before_);
}

awaited_signals::~awaited_signals() {
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

std::optional<int> awaited_signals::wait(std::chrono::milliseconds longest) const {
  const auto left = std::max(longest, std::chrono::milliseconds(0)).count();
  const timespec until{.tv_sec = left / 1'000, .tv_nsec = left % 1'000 * 1'000'000};
  const int number = ::sigtimedwait(&awaited_, nullptr, &until);
  return number > 0 ? std::optional(number) : std::nullopt;
}

bool awaited_signals::is_end_asked() const {
  sigset_t waiting;
  ::sigemptyset(&waiting);
  ::sigpending(&waiting);
  return ::sigismember(&waiting, SIGTERM) == 1 || ::sigismember(&waiting, SIGINT) == 1;
}

}  // namespace waitstate::cli
