#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/capacity.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/redis/redis_command.h"
#include "waitstate/client/redis/redis_reply.h"
#include "waitstate/client/redis/redis_session.h"
#include "waitstate/client/redis/redis_settings.h"

namespace waitstate::client {

class redis_role_monitor;
struct redis_request;

/// Who is to answer.
enum class redis_route : std::uint8_t {
  by_command,  ///< A replica when everything only reads (classify()), else the primary.
  primary,     ///< For reads that must see what was just written.
  replica,     ///< A server that reads go to, whatever the commands are.
};

struct redis_call {
  time_limit deadline;                          ///< For the call and its retries.
  redis_route route = redis_route::by_command;  ///< Who is to answer.
  /// May it be sent again when there was no answer? Unless said, what classify() says.
  std::optional<bool> idempotent{};
  std::source_location where = std::source_location::current();  ///< What the ledger names.
  /// For cluster_settings::calls, unchanged: the span that this call is a part of.
  std::shared_ptr<const void> context{};
};

/// Redis over pooled connections: one for each call, for as long as the call lasts. Replies come in
/// the order of the commands; an error reply is a value.
///
/// With one endpoint, everything goes there. With several, a monitor asks each for its role, and
/// there are two clusters with pools of their own: write() to the primary and read() to the
/// replicas. When the primary is lost, or refuses as a replica (READONLY), roles are asked at once,
/// and whatever was refused or never sent waits for the next primary, within its deadline. What was
/// sent without an answer is sent again only when it is idempotent. What runs a script
/// (runs_script()) is not sent again for an answer, which may be the script's own.
///
/// Nothing here blocks and no thread is hidden: everything runs on the executor, once run() was
/// spawned on it. Any thread may call any member.
class redis_client : public std::enable_shared_from_this<redis_client> {
 public:
  /// `shared` limits the connections of both clusters together; null: no limit. The monitor's own,
  /// one for each server, do not count.
  ///
  /// Fails when the settings make no sense.
  static result<std::shared_ptr<redis_client>> make(asio::any_io_executor executor,
                                                    redis_settings settings,
                                                    std::shared_ptr<capacity> shared = {});
  ~redis_client();

  /// Runs the clusters and the monitor, until stop(). Spawn it once.
  asio::awaitable<void> run();
  void stop();

  /// Fails with errc::invalid_input for a stateful command (classify()), which needs a session.
  [[nodiscard]] task<redis_reply> command(redis_command what, redis_call call);

  /// Everything in one write over one connection. Not a transaction: others' commands may come
  /// between.
  [[nodiscard]] task<std::vector<redis_reply>> pipeline(std::vector<redis_command> commands,
                                                        redis_call call);

  /// The commands between MULTI and EXEC, in one write; gives what EXEC gives, a reply for each.
  ///
  /// Fails with errc::invalid_input when the server does not accept one of the commands: then none
  /// was executed. To watch keys first, use a session.
  [[nodiscard]] task<std::vector<redis_reply>> transaction(std::vector<redis_command> commands,
                                                           redis_call call);

  /// A connection of its own, for commands that change it: to the primary unless `call` says
  /// replica.
  [[nodiscard]] task<redis_session> session(redis_call call);

  /// The servers that get writes and reads, their pools and metrics. The same with one endpoint.
  [[nodiscard]] const std::shared_ptr<cluster>& write() const { return write_; }
  [[nodiscard]] const std::shared_ptr<cluster>& read() const { return read_; }

 private:
  struct verdict;

  explicit redis_client(asio::any_io_executor executor, const redis_settings& settings);
  result<> open(redis_settings settings, const std::shared_ptr<capacity>& shared);
  static task<std::vector<redis_reply>> execute(std::shared_ptr<redis_client> self,
                                                std::vector<redis_command> commands,
                                                redis_call call, bool is_transaction);
  static task<std::vector<redis_reply>> attempt_once(std::shared_ptr<redis_client> self,
                                                     std::shared_ptr<const redis_request> what,
                                                     std::shared_ptr<verdict> v, attempt* a);
  static asio::awaitable<bool> is_worth_another(std::shared_ptr<redis_client> self,
                                                time_point deadline);
  [[nodiscard]] const std::shared_ptr<cluster>& servers_for(redis_route route, bool is_read) const;

  const asio::any_io_executor executor_;
  const redis_limits limits_;
  std::shared_ptr<const redis_request> greeting_;
  std::shared_ptr<redis_role_monitor> monitor_;  // null with one endpoint
  std::shared_ptr<cluster> write_;
  std::shared_ptr<cluster> read_;
};

}  // namespace waitstate::client
