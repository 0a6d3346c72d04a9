#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "mux/mux_message.h"
#include "mux/mux_session.h"
#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/pool.h"
#include "waitstate/client/internal/one_shot.h"

namespace waitstate::client {

/// How one call over a Mux connection ended.
struct mux_reply {
  result<mux_message> message;
  bool was_sent = true;      ///< Some of it may have reached the server.
  bool was_refused = false;  ///< The connection takes no new calls: it drains, or is full.
};

/// One connection that many calls share: a mux_session with a reader, a writer and a clock. Holds
/// its lease for as long as it lives.
///
/// Any thread may call any member; what they do happens in one strand.
class mux_connection : public std::enable_shared_from_this<mux_connection> {
 public:
  struct limits {
    mux_session_limits session;
    std::size_t unsent_max = 0;
    /// Asked with each ping; when it says no, the connection drains.
    std::function<bool()> is_wanted;
  };

  mux_connection(asio::any_io_executor executor, lease over, const limits& l);

  /// Begins to read and to ping. Once.
  void start();

  /// Sends a Tdispatch, whose tag is chosen here, and waits for its reply; past the deadline the
  /// server is told that nobody waits any more.
  static asio::awaitable<mux_reply> exchange(std::shared_ptr<mux_connection> self, mux_message what,
                                             time_point deadline);

  /// No new calls; ends when the last reply is there.
  void drain();
  void close(error why);
  /// Takes new calls, as far as known.
  [[nodiscard]] bool is_usable() const { return is_usable_; }
  [[nodiscard]] const endpoint& to() const { return to_; }
  /// Said before a call is made over it: had there been one before?
  bool begin_use() { return is_used_.exchange(true, std::memory_order_relaxed); }

 private:
  struct call;
  using call_ptr = std::shared_ptr<call>;

  void send_call(const call_ptr& c);
  void give_up(const call_ptr& c);
  void send(const mux_message& m, call_ptr of = {});
  void end(const error& why);
  void end_if_over();
  void take(mux_session::received got);

  static asio::awaitable<void> read(std::shared_ptr<mux_connection> self);
  static asio::awaitable<void> write(std::shared_ptr<mux_connection> self);
  static asio::awaitable<void> ping(std::shared_ptr<mux_connection> self);

  struct unsent {
    std::string bytes;
    call_ptr of;
  };

  const limits limits_;
  const endpoint to_;
  const asio::strand<asio::any_io_executor> turn_;
  std::atomic<bool> is_usable_{true};
  std::atomic<bool> is_used_{false};

  // In turn_:
  lease over_;
  mux_session session_;
  std::deque<unsent> queue_;
  std::size_t queued_bytes_ = 0;
  bool is_writing_ = false;
  bool is_ended_ = false;
  std::unordered_map<std::uint32_t, call_ptr> calls_;
  asio::steady_timer timer_;
};

}  // namespace waitstate::client
