#pragma once

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "front/running_route.h"

namespace waitstate::sidecar {

/// One thread with everything that it serves: routes, their pools and their clients. Loops share
/// nothing, so that nothing on a request's way is locked by another.
class loop {
 public:
  explicit loop(running_route::teller tell);
  /// Ends every client.
  ~loop();
  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;

  /// Runs something on the loop's thread, and waits for it. For every other thread; the rest of
  /// this is for that something.
  template <class Function>
  auto run_there(Function what) -> decltype(what()) {
    std::packaged_task<decltype(what())()> task(std::move(what));
    auto done = task.get_future();
    asio::post(io_, std::move(task));
    return done.get();
  }

  /// A route that is ready and does not listen yet.
  [[nodiscard]] result<std::shared_ptr<running_route>> prepare(const route& of);
  /// Takes the place of the route of that name, whose clients finish: it drains.
  void install(std::shared_ptr<running_route> ready, std::vector<fd> listeners);
  /// Where requests are logged from now on.
  void log_to(log_file access) { access_log_ = std::move(access); }
  void drain(const std::string& name);
  void drain_all();
  /// Ends all clients of routes that drain.
  void end_draining();
  /// Clients of routes that drain.
  [[nodiscard]] std::size_t draining_clients() const;
  [[nodiscard]] std::vector<std::shared_ptr<running_route>> routes() const;

 private:
  asio::awaitable<void> keep_house();
  void end_rest();
  /// Is there anybody who has to be looked at soon, or anything to be written?
  [[nodiscard]] bool is_busy() const;
  void leave(std::shared_ptr<running_route> what);

  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  const running_route::teller tell_;
  log_file access_log_;
  asio::steady_timer next_look_{io_};
  bool is_resting_ = false;  // until next_look_, which is long
  std::map<std::string, std::shared_ptr<running_route>> routes_;
  std::vector<std::shared_ptr<running_route>> leaving_;
  std::thread thread_;
};

}  // namespace waitstate::sidecar
