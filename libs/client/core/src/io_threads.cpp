#include "waitstate/client/core/io_threads.h"

#include <unistd.h>

#include <algorithm>

#include <boost/asio/detached.hpp>

namespace waitstate::client {

io_threads::io_threads(std::size_t threads)
    : work_(asio::make_work_guard(io_)), made_in_(::getpid()) {
  for (std::size_t i = 0; i < std::clamp<std::size_t>(threads, 1, 64); ++i) {
    threads_.emplace_back([this] { io_.run(); });
  }
}

io_threads::~io_threads() {
  for (const auto& stop : stops_) stop();
  io_.stop();
  for (auto& thread : threads_) thread.join();
  // Its task may run before the one that handed it over has come back from that.
  const std::unique_lock nobody_begins(beginning_);
}

result<std::shared_ptr<cluster>> io_threads::make_cluster(std::shared_ptr<endpoint_source> source,
                                                          cluster_settings settings,
                                                          std::shared_ptr<capacity> shared) {
  auto made = cluster::make(executor(), std::move(source), std::move(settings), std::move(shared));
  if (made) run((*made)->run(), [stopped = *made] { stopped->stop(); });
  return made;
}

void io_threads::run(asio::awaitable<void> what, std::function<void()> stop) {
  {
    const std::scoped_lock held(lock_);
    stops_.push_back(std::move(stop));
  }
  asio::co_spawn(io_, std::move(what), asio::detached);
}

result<> io_threads::may_wait() const {
  const bool is_own_thread = std::ranges::any_of(
      threads_, [](const auto& thread) { return thread.get_id() == std::this_thread::get_id(); });
  if (is_own_thread) {
    return failure({.code = errc::invalid_input,
                    .what = "io_threads: wait() was called on a thread of its own, which runs what "
                            "it waits for",
                    .hint = "co_await the task there instead"});
  }
  if (::getpid() != made_in_) {
    return failure({.code = errc::invalid_input,
                    .what =
                        "io_threads: it was made before fork(), and its threads are not in this "
                        "process",
                    .hint = "make another io_threads in the child"});
  }
  return {};
}

error io_threads::has_ended() {
  return {.code = errc::cancelled,
          .what = "io_threads: it ended while the call was under way",
          .hint = {}};
}

}  // namespace waitstate::client
