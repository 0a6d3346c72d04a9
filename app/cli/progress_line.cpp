#include "app/cli/progress_line.h"

#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "waitstate/base/text.h"

namespace waitstate::cli {

using namespace std::chrono_literals;

progress_line::progress_line()
    : on_terminal_(::isatty(STDERR_FILENO) == 1), next_(clock::now() + 333ms) {}

void progress_line::show(std::string_view what, std::uint64_t done) {
  if (!on_terminal_ || clock::now() < next_) return;
  next_ = clock::now() + 100ms;
  shown_ = true;
  const auto line = done == 0 ? std::string(what) : fmt::format("{}: {}", what, grouped(done));
  // Return to the start of the line, write, erase what is left of the old one.
  std::fputs(fmt::format("\r{:.78}\x1b[K", line).c_str(), stderr);
  std::fflush(stderr);
}

void progress_line::clear() {
  if (!shown_) return;
  shown_ = false;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
}

}  // namespace waitstate::cli
