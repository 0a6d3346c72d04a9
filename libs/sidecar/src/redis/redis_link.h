#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "redis/redis_greeting.h"
#include "redis/redis_pending.h"
#include "redis/redis_queue.h"
#include "redis/resp_reply_scanner.h"
#include "waitstate/client/core/cluster.h"

namespace waitstate::sidecar {

/// What a link is made with.
struct redis_link_settings {
  redis_credentials as;
  redis_place at;
  /// From asking for a connection until it is greeted, and from a request to its reply.
  client::duration call_time_max = std::chrono::seconds(5);
  /// While no server can be reached: how long it is tried again. Nothing is lost by that, as
  /// nothing is written.
  client::duration unreachable_max = std::chrono::seconds(2);
};

/// One connection to a server, leased from a cluster, over which the requests of clients go one
/// after the other and replies come back in that order, as bytes. Takes requests from the moment it
/// is made, while it connects. A reply that nobody waits for, or bytes that are none, end it.
///
/// Of one loop, and of its thread alone, which is the cluster's executor too.
class redis_link : public std::enable_shared_from_this<redis_link> {
 public:
  enum class state : std::uint8_t {
    connecting,
    ready,
    ended,  ///< Takes nothing any more.
  };
  /// What was lost with it, and the reply that says why; called once, if anything was.
  using end_handler = std::function<void(redis_link&, std::vector<redis_lost>, std::string_view)>;

  redis_link(std::shared_ptr<client::cluster> of, redis_link_settings settings, end_handler on_end);

  /// Connects. Call once, right after it was made.
  void start();
  /// What nobody waits on any more goes out with the others that come now, in one write.
  void send(redis_pending what, std::string_view bytes);
  /// Who is told of its end, and of what comes through the tunnel; until then.
  void belongs_to(std::shared_ptr<redis_waiter> who) { owner_ = std::move(who); }
  [[nodiscard]] const std::shared_ptr<redis_waiter>& owner() const { return owner_; }
  /// From now on all bytes go to the owner, and send_raw() is for its. While nothing waits for a
  /// reply.
  void become_tunnel() { is_tunnel_ = true; }
  void send_raw(std::string_view bytes);
  /// Nobody needs it any more, and nothing waits: back to the pool.
  void release();
  /// Closes it; what waits is lost for this reason, a whole reply.
  void end(std::string_view error);
  /// Its owner's client has left: closes it at once. Nothing of it is sent again, and its end says
  /// nothing of the server.
  void drop();
  /// The same for a tunnel: what was sent is done before, within the time of a call.
  void leave();
  /// Within its end_handler: who is to flush() when all who depend on it know.
  void flush_later(const std::shared_ptr<redis_waiter>& who) { touch(who, true); }
  /// Ends it when the request whose reply is next waits for too long.
  void look(client::time_point now);

  [[nodiscard]] bool is_usable() const { return state_ != state::ended && !is_released_; }
  [[nodiscard]] bool is_tunnel() const { return is_tunnel_; }
  [[nodiscard]] bool is_dropped() const { return is_dropped_; }
  [[nodiscard]] bool is_ready() const { return state_ == state::ready; }
  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }
  [[nodiscard]] std::size_t waiting_bytes() const { return queue_.bytes(); }
  [[nodiscard]] const redis_place& at() const { return settings_.at; }
  [[nodiscard]] const std::shared_ptr<client::cluster>& of() const { return of_; }
  /// "10.0.0.5:6379", once it is connected.
  [[nodiscard]] const std::string& server() const { return server_; }
  [[nodiscard]] const client::endpoint& to() const { return to_; }
  /// It has had a connection; what it ended of came after that.
  [[nodiscard]] bool was_connected() const { return !server_.empty(); }
  [[nodiscard]] client::time_point began() const { return began_; }
  /// Replies so far.
  [[nodiscard]] std::uint64_t answered() const { return answered_; }

  /// Where what was sent here goes now that it has ended, if anywhere.
  std::shared_ptr<redis_link> successor;
  client::time_point
      last_used{};  ///< When it was sent something; once it has ended, when that was.

 private:
  using self_ptr = std::shared_ptr<redis_link>;

  static client::asio::awaitable<void> run(self_ptr self);
  static client::asio::awaitable<bool> connect(self_ptr self);
  static client::task<> connect_once(self_ptr self, client::time_point deadline,
                                     std::shared_ptr<redis_refusal> refusal);
  void connected();
  void flush_soon();
  void flush();
  void write(std::string_view bytes);
  /// Bytes that were read; false when the link has ended by them.
  bool take(std::string_view bytes);
  bool take_reply(std::string_view& bytes);
  void finish_greetings();
  void touch(const std::shared_ptr<redis_waiter>& who, bool wants_flush);
  void flush_touched();
  [[nodiscard]] std::string lost_because(const error& why) const;

  const std::shared_ptr<client::cluster> of_;
  const redis_link_settings settings_;
  end_handler on_end_;
  client::cluster_lease over_;
  client::connection_ptr connection_;
  client::endpoint to_;
  std::string server_;
  std::string hello_;
  redis_queue queue_;
  resp_reply_scanner scanner_;
  std::shared_ptr<redis_waiter> owner_;
  std::vector<std::shared_ptr<redis_waiter>> touched_;
  client::time_point began_{};
  std::uint64_t answered_ = 0;
  state state_ = state::connecting;
  bool is_writing_ = false;
  bool is_flush_posted_ = false;
  bool is_released_ = false;
  bool is_tunnel_ = false;
  bool is_dropped_ = false;
  bool is_leaving_ = false;
};

using redis_link_ptr = std::shared_ptr<redis_link>;

}  // namespace waitstate::sidecar
