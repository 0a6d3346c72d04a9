#include "app/cli/looks.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <csignal>
#include <ctime>
#include <mutex>
#include <thread>
#include <utility>

#include "waitstate/base/fd.h"
#include "waitstate/diagnosis/diagnose.h"

namespace waitstate::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// The processor's time of this thread.
milliseconds used_so_far() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return milliseconds(used.tv_sec * 1'000 + used.tv_nsec / 1'000'000);
}

/// Signals are for the thread that shows.
void take_no_signals() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

milliseconds look_pace::interval_after(milliseconds took) const {
  return std::max(wanted, took * share);
}

struct looks::state {
  kernel::observer observer;
  look_pace pace;
  fd ready{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};

  std::mutex mutex;
  std::condition_variable changed;
  std::optional<result<one_look>> made;
  bool is_paused = false;
  bool is_over = false;
  steady_clock::time_point next;
  std::thread thread;

  state(kernel::look_options options, const look_pace& p) : observer(std::move(options)), pace(p) {}

  void run() {
    take_no_signals();
    while (wait_for_turn()) {
      const auto began = steady_clock::now();
      auto look = look_once();
      const bool failed = !look;
      const std::lock_guard lock(mutex);
      if (look) next = began + look->interval;
      made = std::move(look);
      const std::uint64_t one = 1;
      std::ignore = ::write(ready.get(), &one, sizeof one);
      if (failed) return;
    }
  }

  /// Returns false once it is over.
  bool wait_for_turn() {
    std::unique_lock lock(mutex);
    while (!is_over && (is_paused || steady_clock::now() < next)) {
      if (is_paused) {
        changed.wait(lock);
      } else {
        changed.wait_until(lock, next);
      }
    }
    return !is_over;
  }

  result<one_look> look_once() {
    const auto before = used_so_far();
    auto seen = observer.look();
    if (!seen) return failure(std::move(seen).error());
    auto report = diagnosis::diagnose(*seen);
    const auto took = used_so_far() - before;
    return one_look{.seen = *std::move(seen),
                    .report = std::move(report),
                    .took = took,
                    .interval = pace.interval_after(took)};
  }
};

looks::looks(kernel::look_options options, const look_pace& pace)
    : state_(std::make_unique<state>(std::move(options), pace)) {
  state_->thread = std::thread([s = state_.get()] { s->run(); });
}

looks::~looks() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_over = true;
  }
  state_->changed.notify_all();
  state_->thread.join();
}

int looks::descriptor() const {
  return state_->ready.get();
}

std::optional<result<one_look>> looks::take() {
  // First: a look that is made from now on makes it readable again.
  std::uint64_t ignored = 0;
  std::ignore = ::read(state_->ready.get(), &ignored, sizeof ignored);
  const std::lock_guard lock(state_->mutex);
  return std::exchange(state_->made, std::nullopt);
}

void looks::pause(bool is_paused) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_paused = is_paused;
    if (!is_paused) state_->next = {};
  }
  state_->changed.notify_all();
}

}  // namespace waitstate::cli
