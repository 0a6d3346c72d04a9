#include "waitstate/client/core/io_threads.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "thread_turns.h"
#include "waitstate/client/core/capacity.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/core/endpoint_source.h"
#include "waitstate/client/core/io_threads_wait.h"

namespace waitstate::client {
namespace {

/// The io_threads whose coroutines this thread runs just now, its own or a caller's.
thread_local const io_threads::state* runs_here = nullptr;

/// How many forks this process is away from the first: asking for its number is a system call.
unsigned forks() {
  static std::atomic<unsigned> count{0};
  static const int registered = ::pthread_atfork(nullptr, nullptr, [] { ++count; });
  std::ignore = registered;
  return count.load(std::memory_order_relaxed);
}

}  // namespace

struct io_threads::state {
  explicit state(std::size_t count)
      : work(asio::make_work_guard(io)),
        made_in(forks()),
        turns(std::make_shared<thread_turns>(wake_if(count == 1))) {
    threads.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      threads.emplace_back([this, is_alone = count == 1] {
        runs_here = this;
        if (is_alone) {
          take_turns();
        } else {
          io.run();
        }
      });
    }
  }

  /// Several threads take no turns.
  std::function<void()> wake_if(bool is_alone) {
    if (!is_alone) return nullptr;
    return [this] { asio::post(io, [] {}); };
  }

  void take_turns() {
    for (;;) {
      while (!turns->is_asked_aside()) {
        if (io.run_one() == 0) return;
      }
      if (!turns->step_aside()) return;
    }
  }

  [[nodiscard]] result<> may_wait() const;

  asio::io_context io;
  const asio::executor_work_guard<asio::io_context::executor_type> work;
  const unsigned made_in;  // of forks()
  /// Kept by those who wait, too, who look at it when all else may be gone.
  const std::shared_ptr<thread_turns> turns;
  std::shared_mutex beginning;  // held by those that hand a task to io, which must not end then
  std::mutex lock;
  std::vector<std::function<void()>> stops;
  std::vector<std::thread> threads;
};

io_threads::io_threads(std::size_t threads)
    : state_(std::make_unique<state>(std::clamp<std::size_t>(threads, 1, 64))) {}

io_threads::~io_threads() {
  if (forks() != state_->made_in) {
    // Its locks may be held by threads that are not here.
    std::ignore = state_.release();
    return;
  }
  for (const auto& stop : state_->stops) stop();
  state_->io.stop();
  state_->turns->finish();
  for (auto& thread : state_->threads) thread.join();
  // Its task may run before the one that handed it over has come back from that.
  const std::unique_lock nobody_begins(state_->beginning);
}

asio::any_io_executor io_threads::executor() {
  return state_->io.get_executor();
}

result<std::shared_ptr<cluster>> io_threads::make_cluster(std::shared_ptr<endpoint_source> source,
                                                          cluster_settings settings,
                                                          std::shared_ptr<capacity> shared) {
  auto made = cluster::make(executor(), std::move(source), std::move(settings), std::move(shared));
  if (made) run((*made)->run(), [stopped = *made] { stopped->stop(); });
  return made;
}

void io_threads::run(asio::awaitable<void, asio::any_io_executor> what,
                     std::function<void()> stop) {
  {
    const std::scoped_lock held(state_->lock);
    state_->stops.push_back(std::move(stop));
  }
  asio::co_spawn(state_->io, std::move(what), asio::detached);
}

result<> io_threads::state::may_wait() const {
  if (forks() != made_in) {
    return failure({.code = errc::invalid_input,
                    .what =
                        "io_threads: it was made before fork(), and its threads are not in this "
                        "process",
                    .hint = "make another io_threads in the child"});
  }
  if (runs_here == this) {
    return failure({.code = errc::invalid_input,
                    .what = "io_threads: wait() was called on a thread of its own, which runs what "
                            "it waits for",
                    .hint = "co_await the task there instead"});
  }
  return {};
}

waiting_call::waiting_call(io_threads& on) : on_(*on.state_), turns_(on_.turns) {
  if (auto may = on_.may_wait(); !may) refused_ = std::move(may).error();
}

waiting_call::~waiting_call() {
  if (!has_begun_) return;
  // The task could not be handed over.
  runs_itself_ ? turns_->end_of_runner(0, clock::now()) : turns_->end(clock::now());
}

std::shared_lock<std::shared_mutex> waiting_call::begin() {
  runs_itself_ = turns_->begin(clock::now());
  has_begun_ = true;
  return std::shared_lock(on_.beginning);
}

asio::io_context& waiting_call::context() const {
  return on_.io;
}

void waiting_call::is_over() {
  const std::scoped_lock held(lock_);
  over_ = true;
  changed_.notify_one();
}

void waiting_call::wait() noexcept {
  has_begun_ = false;
  if (runs_itself_) run_until_over();
  {
    std::unique_lock held(lock_);
    changed_.wait(held, [this] { return over_.load(); });
  }
  if (!runs_itself_) turns_->end(clock::now());
}

void waiting_call::run_until_over() {
  runs_here = &on_;
  int pieces = 0;
  while (!over_ && on_.io.run_one() > 0) ++pieces;
  runs_here = nullptr;
  turns_->end_of_runner(pieces, clock::now());
}

error waiting_call::has_ended() {
  return {.code = errc::cancelled,
          .what = "io_threads: it ended while the call was under way",
          .hint = {}};
}

}  // namespace waitstate::client
