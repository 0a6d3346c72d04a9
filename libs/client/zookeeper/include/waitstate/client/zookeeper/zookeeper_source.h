#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/endpoint_source.h"
#include "waitstate/client/core/random.h"
#include "waitstate/client/zookeeper/serverset_address.h"

namespace waitstate::client {

/// Who we are to ZooKeeper: the scheme "digest" with "user:password". A wrong password is not
/// refused by the server; what may be read is then what anybody may read.
struct zookeeper_auth {
  std::string scheme = "digest";  ///< As ZooKeeper names it.
  std::string credentials{};      ///< "user:password"
};

/// Of the session with one ensemble.
enum class zookeeper_state : std::uint8_t {
  connecting,  ///< No server of the ensemble answers now.
  connected,
  expired,      ///< The servers have dropped the session; a new one follows.
  auth_failed,  ///< The servers refuse the credentials; tried again, as with any failure.
};

[[nodiscard]] std::string_view to_string(zookeeper_state s);

/// Members of a ServerSet that get no calls, by the first reason that applies.
struct serverset_left_out {
  std::size_t unread = 0;        ///< ZooKeeper did not give their data; asked again.
  std::size_t corrupt = 0;       ///< Their data is neither JSON nor Thrift.
  std::size_t not_alive = 0;     ///< Their status is not ALIVE.
  std::size_t other_shard = 0;   ///< Not of the wanted shard.
  std::size_t no_such_name = 0;  ///< No endpoint of the wanted name.
  std::size_t no_address = 0;    ///< The endpoint has no host, or no port from 1 to 65535.
  std::size_t by_weight = 0;     ///< A vector gives a negative weight, which means "filtered".
  std::size_t same_address = 0;  ///< Another member has the same endpoint.
  std::size_t too_many = 0;      ///< Over 10,000 members.
  /// No members, but selectors of vectors that count for nothing: those over 10,000, of all vectors
  /// together in the order of their nodes.
  std::size_t selectors = 0;

  friend bool operator==(const serverset_left_out&, const serverset_left_out&) = default;
};

/// How one ensemble is doing.
struct zookeeper_report {
  std::string ensemble{};  ///< Its hosts.
  zookeeper_state state = zookeeper_state::connecting;
  std::size_t endpoints = 0;  ///< What it contributes.
  serverset_left_out left_out{};
  std::optional<error> trouble{};  ///< Why what it says may be old.
};

struct zookeeper_settings {
  serverset_address address{};  ///< Ensembles, path, endpoint name, shard.
  /// What the servers allow between the limits of their own; after that long without us they drop
  /// the session.
  duration session_timeout = std::chrono::seconds(10);
  std::optional<zookeeper_auth> auth{};  ///< Not set: as anybody.
  /// A member that is gone stays in the set this long, in case it comes back; and removals are
  /// published at most once in two of these. Additions and weights are published at once.
  duration epoch = std::chrono::seconds(10);
  /// After an ensemble could not be asked for this long, the set counts as stale.
  duration unhealthy_max = std::chrono::minutes(5);
  /// Between new sessions and after failed reads: decorrelated jitter between these.
  duration retry_min = std::chrono::milliseconds(10);
  duration retry_max = std::chrono::seconds(10);  ///< See retry_min.
  /// When some members could not be read and others could: when they are read again, at random.
  duration reread_min = std::chrono::seconds(20);
  duration reread_max = std::chrono::seconds(140);  ///< See reread_min.
  /// Called on the executor, one at a time, when something in the report changes. Must not throw.
  std::function<void(const zookeeper_report&)> changed{};
  random_source random{};  ///< system_random() unless set.
};

/// The members of a Twitter ServerSet in ZooKeeper, as Finagle's zk2 resolver sees them: children
/// `member_...` of the path that are alive, by the wanted endpoint name and shard, weighted by
/// the product of what children `vector_...` say.
///
/// - Only the list of children is watched, and the vectors; a member's data is read once.
/// - A path that does not exist is a set without endpoints, until it is created.
/// - A lost connection, an expired session or a dead ensemble change nothing in the set: calls go
///   on to the last good one, which counts as stale after `unhealthy_max`. Removals seen wait until
///   the ensemble has been well for an epoch.
/// - Several ensembles: the union; the set is stale only when each one is, and an empty one counts
///   only when each could be asked.
///
/// Threads: ZooKeeper's C client has two of its own for each ensemble, which only hand over to the
/// executor; opening and closing a session, which may block, run on a thread of their own for
/// as long as that takes. Subscribers run on the executor. stop() does not wait, and nothing
/// is handed over once it has returned; it, or the destruction of what run() gave, has to come
/// before the executor's end. run() ends when the sessions are closed.
///
/// The C client writes a log; here it goes nowhere, as its interface cannot say whose it is:
/// what matters is in zookeeper_report.
[[nodiscard]] std::shared_ptr<endpoint_source> zookeeper_source(asio::any_io_executor executor,
                                                                zookeeper_settings settings);

}  // namespace waitstate::client
