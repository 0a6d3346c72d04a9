#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/strand.hpp>

#include "waitstate/base/result.h"
#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/connection.h"

namespace waitstate::client {

/// Sees the peer's FIN on every connection, idle or leased, from the moment it is here, and bytes
/// on those that it is asked to look at.
///
/// An epoll set of its own, edge-triggered, for the end of the stream only at first: a connection
/// is added once for its whole life, so that leasing and returning it cost no system call, and
/// responses wake nobody. One that stays idle is looked at for bytes as well: there should be none.
/// (RFC 9112 section 9.5: clients should monitor open connections for closure.)
///
/// Any thread may call any member.
class watcher : public std::enable_shared_from_this<watcher> {
 public:
  using handler = std::function<void(const connection_ptr&)>;

  /// Calls `on_closed` on the executor's threads, after the connection was marked, and `on_bytes`
  /// when bytes came on one that is watched for them.
  static result<std::shared_ptr<watcher>> make(const asio::any_io_executor& executor,
                                               handler on_closed, handler on_bytes);

  result<> add(const connection_ptr& watched);
  void remove(connection& watched);
  /// Begins or ends to look for bytes.
  void watch_for_bytes(connection& watched, bool is_wanted);

  /// Begins to hand out events, until stop(). Once.
  void start();
  void stop();

 private:
  using strand = asio::strand<asio::any_io_executor>;

  watcher(const strand& turn, int epoll, handler on_closed, handler on_bytes);
  static asio::awaitable<void> run(std::shared_ptr<watcher> self);
  void take_events();

  const strand turn_;
  // Used in turn_ only, but for its number, which stays open for as long as this lives.
  asio::posix::stream_descriptor epoll_;
  const handler on_closed_;
  const handler on_bytes_;
  bool stopped_ = false;  // in turn_
  std::mutex lock_;
  // Not by address, which the next connection may have while an event is still under way.
  std::uint64_t last_number_ = 0;
  std::unordered_map<std::uint64_t, std::weak_ptr<connection>> watched_;
};

}  // namespace waitstate::client
