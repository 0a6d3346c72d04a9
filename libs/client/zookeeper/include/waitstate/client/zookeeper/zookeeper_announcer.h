#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/io_threads.h"
#include "waitstate/client/zookeeper/serverset_member.h"
#include "waitstate/client/zookeeper/zookeeper_source.h"

namespace waitstate::client {

enum class announcer_state : std::uint8_t {
  joining,  ///< Not a member now, and trying.
  joined,
  left,  ///< For good: leave() or stop().
};

[[nodiscard]] std::string_view to_string(announcer_state s);

/// As an announcer is now.
struct announcer_status {
  announcer_state state = announcer_state::joining;
  std::string node{};              ///< While joined: "/twitter/service/x/member_0000000007".
  std::uint64_t joins = 0;         ///< How often it became a member, adopted nodes included.
  std::optional<error> trouble{};  ///< The last thing that went wrong since it was joined.
};

struct announcer_settings {
  std::string ensemble{};     ///< "host:port,host:port"
  std::string path{};         ///< Of the group; made, with its parents, when it is not there.
  serverset_member member{};  ///< What is written; status `alive`.
  /// How long after our death the member is still there.
  duration session_timeout = std::chrono::seconds(10);
  std::optional<zookeeper_auth> auth{};  ///< Not set: as anybody.
  /// Who may change what is made here: anybody, which is what Finagle does; or only who is
  /// authenticated as this is (needs `auth`).
  bool is_open_to_all = true;
  /// Between tries: decorrelated jitter between these.
  duration retry_min = std::chrono::milliseconds(10);
  duration retry_max = std::chrono::seconds(10);  ///< See retry_min.
  /// Called on the executor, one at a time, when the status changes. Must not throw.
  std::function<void(const announcer_status&)> changed{};
  random_source random{};  ///< system_random() unless set.
};

/// The settings for an address that parse_announce_address() reads: the first ensemble, and a
/// member with `at` under the endpoint's name as well when one is given.
///
/// Fails with errc::invalid_input when there are several ensembles: each needs an announcer.
[[nodiscard]] result<announcer_settings> announce_at(std::string_view address, endpoint at);

/// Makes this process a member of a ServerSet: a node `member_...` that ZooKeeper removes when the
/// session ends, so a process that dies leaves by itself, after the session's time-out.
///
/// It is a member at most once: after a request to join whose answer was lost it looks for the node
/// that its session owns before it makes another. It joins again when the session has expired
/// (which has removed the node) and when somebody else has removed the node.
///
/// Any thread may call any member. Threads and the log: as zookeeper_source() says.
class zookeeper_announcer {
 public:
  /// Fails with errc::invalid_input when the path is none, the member has no host, port or is over
  /// 1 MiB, or the ACL needs credentials and there are none.
  static result<std::shared_ptr<zookeeper_announcer>> make(asio::any_io_executor executor,
                                                           announcer_settings settings);

  zookeeper_announcer() = default;
  zookeeper_announcer(const zookeeper_announcer&) = delete;
  zookeeper_announcer& operator=(const zookeeper_announcer&) = delete;
  virtual ~zookeeper_announcer() = default;

  /// Joins and stays a member until leave() or stop(). Spawn it once.
  virtual asio::awaitable<void> run() = 0;
  /// Waits until it is a member; gives the node's path. The error at the deadline says what was
  /// in the way.
  [[nodiscard]] virtual task<std::string> joined(time_point deadline) = 0;
  /// Removes the node and waits until ZooKeeper says that it is gone; then run() ends. When the
  /// deadline comes first the session is closed, and the node goes with it as soon as the servers
  /// notice.
  [[nodiscard]] virtual task<> leave(time_point deadline) = 0;
  /// Closes the session, which removes the node too, and does not wait.
  virtual void stop() = 0;

  [[nodiscard]] virtual announcer_status status() const = 0;
};

/// For plain threads: joins a ServerSet in the background of `on`, until that is destroyed, and
/// waits until it is a member. When the deadline comes first it goes on trying no longer.
[[nodiscard]] result<std::shared_ptr<zookeeper_announcer>> announce(io_threads& on,
                                                                    announcer_settings settings,
                                                                    time_point deadline);

}  // namespace waitstate::client
