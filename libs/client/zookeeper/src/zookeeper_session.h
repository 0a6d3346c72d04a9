#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/strand.hpp>

#include "waitstate/client/core/clock.h"
#include "waitstate/client/internal/one_shot.h"
#include "waitstate/client/zookeeper/zookeeper_source.h"
#include "zookeeper_reply.h"

namespace waitstate::client {

/// What happens without being asked for.
struct zookeeper_event {
  enum class kind : std::uint8_t {
    not_opened,  ///< `why` says what is wrong with the settings, or which name has no address.
    connecting,
    connected,
    expired,
    auth_failed,
    changed,  ///< A watch on `path` has fired; it was its only time.
    deleted,  ///< The same, and the node is gone.
  };
  kind what = kind::connecting;
  std::string path;
  std::optional<error> why;
};

/// One session with an ensemble: the C client's handle, and the way from its threads to ours.
///
/// Any thread may call any member. Replies and events come through the executor, events in order;
/// none does after close(). A handle that has expired or failed is of no more use: make another.
class zookeeper_session {
 public:
  struct settings {
    std::string hosts;
    duration timeout = std::chrono::seconds(10);
    std::optional<zookeeper_auth> auth;
  };
  using listener = std::function<void(zookeeper_event)>;
  using turn = asio::strand<asio::any_io_executor>;
  /// A reply that is on its way; null when the session was closed. For take().
  using pending = std::shared_ptr<one_shot<zookeeper_reply>>;

  /// Begins to connect; `listen` is told how that goes, in `in_turn`.
  zookeeper_session(turn in_turn, settings s, listener listen);
  /// Closes.
  ~zookeeper_session();
  zookeeper_session(const zookeeper_session&) = delete;
  zookeeper_session& operator=(const zookeeper_session&) = delete;

  /// The names of a node's children. Watched: an event follows when they change.
  [[nodiscard]] pending children(const std::string& path);
  [[nodiscard]] pending data(const std::string& path, bool is_watched);
  /// Code ZNONODE when it is not there. Watched: an event follows when it appears or goes.
  [[nodiscard]] pending exists(const std::string& path);
  enum class node_kind : std::uint8_t { persistent, ephemeral_sequential };
  /// `is_open_to_all`: anybody may do anything with it; otherwise only who is authenticated as we.
  [[nodiscard]] pending create(const std::string& path, const std::string& data, node_kind kind,
                               bool is_open_to_all);
  [[nodiscard]] pending remove(const std::string& path);
  /// Makes sure that reads which follow see whatever was done before.
  [[nodiscard]] pending sync(const std::string& path);

  /// The reply; without one until the deadline, as if ZooKeeper had said that the time is over.
  static asio::awaitable<zookeeper_reply> take(pending from, time_point deadline);

  /// The session's number, once connected; nodes that it owns bear it.
  [[nodiscard]] std::int64_t number() const;

  /// Ends the session, which removes its ephemeral nodes, and everything that is pending. Does not
  /// wait: a thread of its own tells the servers and waits for the C client's threads.
  void close();

  /// Waits for the end of that thread, until the deadline.
  static asio::awaitable<void> closed(std::shared_ptr<zookeeper_session> self, time_point deadline);

  struct core;

 private:
  const std::shared_ptr<core> core_;
};

/// How the C client's code reads: "read /x: the node does not exist". Lost connections, expired
/// sessions and time-outs are errc::unavailable, an answer that breaks its own format
/// errc::corrupt.
[[nodiscard]] error from_zookeeper(int code, std::string_view action);

}  // namespace waitstate::client
