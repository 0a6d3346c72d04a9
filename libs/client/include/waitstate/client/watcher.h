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
#include "waitstate/client/asio.h"
#include "waitstate/client/connection.h"

namespace waitstate::client {

/// Sees the peer's FIN on every connection, idle or leased, from the moment it is here.
///
/// An epoll set of its own, edge-triggered for the end of the stream only: a connection is added
/// once for its whole life, so that leasing and returning it cost no system call, and responses
/// wake nobody. (RFC 9112 section 9.5: clients should monitor open connections for closure.)
///
/// Any thread may call any member.
class watcher : public std::enable_shared_from_this<watcher> {
 public:
  using handler = std::function<void(const connection_ptr&)>;

  /// Calls `on_closed` on the executor's threads, after the connection was marked.
  static result<std::shared_ptr<watcher>> make(const asio::any_io_executor& executor,
                                               handler on_closed);

  result<> add(const connection_ptr& watched);
  void remove(connection& watched);

  /// Begins to hand out events, until stop(). Once.
  void start();
  void stop();

 private:
  using strand = asio::strand<asio::any_io_executor>;

  watcher(const strand& turn, int epoll, handler on_closed);
  static asio::awaitable<void> run(std::shared_ptr<watcher> self);
  void take_events();

  const strand turn_;
  // Used in turn_ only, but for its number, which stays open for as long as this lives.
  asio::posix::stream_descriptor epoll_;
  const handler on_closed_;
  bool stopped_ = false;  // in turn_
  std::mutex lock_;
  // Not by address, which the next connection may have while an event is still under way.
  std::uint64_t last_number_ = 0;
  std::unordered_map<std::uint64_t, std::weak_ptr<connection>> watched_;
};

}  // namespace waitstate::client
