#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/strand.hpp>

#include "waitstate/base/result.h"
#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/connection.h"

namespace waitstate::client {

class reminder;

/// Sees the peer's FIN on every connection, idle or leased, from the moment it is here, and bytes
/// on those that it is asked to look at; ends the operations that are past their deadline. One for
/// all pools of an executor: per_executor<watcher>::of().
///
/// An epoll set of its own, edge-triggered, for the end of the stream only at first: a connection
/// is added once for its whole life, so that leasing and returning it cost no system call, and
/// responses wake nobody. One that stays idle is looked at for bytes as well: there should be none.
/// (RFC 9112 section 9.5: clients should monitor open connections for closure.)
///
/// Deadlines are looked at when the earliest one that anybody set is over, not at intervals: where
/// calls are quicker than their deadlines, that is once for each time which a call may take.
///
/// Any thread may call any member.
class watcher : public std::enable_shared_from_this<watcher> {
 public:
  using handler = std::function<void(const connection_ptr&)>;

  /// Whom a connection's pool wants to be told, on the executor's threads.
  struct handlers {
    handler closed;  ///< The connection was marked before.
    handler bytes;   ///< They came on one that is watched for them.
  };

  static result<std::shared_ptr<watcher>> make(const asio::any_io_executor& executor);

  /// From now on its deadlines are kept, too.
  result<> add(const connection_ptr& watched, std::shared_ptr<const handlers> told);
  void remove(connection& watched);
  /// Begins or ends to look for bytes.
  void watch_for_bytes(connection& watched, bool is_wanted);

  /// Hands out events until stop() was called as often as this. Deadlines are kept without it: a
  /// pool that stops ends no operation that is under way, and so not its deadline either.
  void start();
  void stop();

  /// How many are watched.
  [[nodiscard]] std::size_t size() const;

 private:
  using strand = asio::strand<asio::any_io_executor>;
  struct entry {
    std::weak_ptr<connection> what;
    std::shared_ptr<const handlers> told;
  };

  watcher(const strand& turn, int epoll);
  static asio::awaitable<void> run(std::shared_ptr<watcher> self);
  void take_events();
  [[nodiscard]] std::vector<connection_ptr> all() const;
  void end_overdue(time_point now);

  const strand turn_;
  // Used in turn_ only, but for its number, which stays open for as long as this lives.
  asio::posix::stream_descriptor epoll_;
  std::shared_ptr<reminder> deadlines_;
  std::atomic<int> started_{0};
  bool is_waiting_ = false;  // in turn_
  mutable std::mutex lock_;
  // Not by address, which the next connection may have while an event is still under way.
  std::uint64_t last_number_ = 0;
  std::unordered_map<std::uint64_t, entry> watched_;
};

}  // namespace waitstate::client
