#include "app/cli/line_output.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace waitstate::cli {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

void line_output::write(std::string line) {
  if (!line.ends_with('\n')) line += '\n';
  const auto longest = is_stuck_ ? milliseconds(0) : patience;
  write_rest(longest);
  if (!rest_.empty()) {
    ++lost_;
    return;
  }
  rest_ = std::move(line);
  const auto whole = rest_.size();
  write_rest(longest);
  if (rest_.size() != whole) return;
  rest_.clear();  // nothing of it was written
  ++lost_;
}

void line_output::write_rest(milliseconds longest) {
  const auto until = steady_clock::now() + longest;
  while (!rest_.empty()) {
    pollfd out{.fd = descriptor_, .events = POLLOUT, .revents = 0};
    const auto left =
        std::max(milliseconds(0), std::chrono::ceil<milliseconds>(until - steady_clock::now()));
    const int ready = ::poll(&out, 1, static_cast<int>(left.count()));
    is_stuck_ = ready == 0;
    if (is_stuck_) return;
    if (ready < 0 && errno == EINTR) continue;
    // A pipe that is ready has room for so much; more would block.
    const auto part = std::min(rest_.size(), std::size_t{PIPE_BUF});
    const auto written = ::write(descriptor_, rest_.data(), part);
    if (written > 0) {
      rest_.erase(0, static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      rest_.clear();  // its reader has gone, or its disk is full: nobody to tell
    }
  }
}

}  // namespace waitstate::cli
