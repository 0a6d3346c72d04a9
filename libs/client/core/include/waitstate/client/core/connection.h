#pragma once

#include <any>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/endpoint.h"
#include "waitstate/client/core/pooled.h"

namespace waitstate::client {

class reminder;

/// Who ends a connection that is not needed any more, and how.
enum class close_how : std::uint8_t {
  orderly,  ///< FIN. The side that closes first keeps TIME-WAIT: here, us.
  reset,    ///< RST: no TIME-WAIT. Only where nothing is unread or unsent.
};

/// How connections ended. TIME-WAIT stays with us after the first kind only.
struct close_counts {
  std::atomic<std::uint64_t> first{0};     ///< We sent the first FIN.
  std::atomic<std::uint64_t> after{0};     ///< The peer had closed before.
  std::atomic<std::uint64_t> by_reset{0};  ///< We sent a RST.
  /// Idle ones, of those above, that were closed because bytes came that nobody had asked for.
  std::atomic<std::uint64_t> unasked{0};
};

/// How long each step took in which a connection was made; 0 for a step that was not there.
struct dial_times {
  duration resolve{0};   ///< The name's look-up.
  duration connect{0};   ///< TCP, addresses that did not answer included.
  duration tls{0};       ///< The handshake.
  duration greeting{0};  ///< pool_settings::prepare.
};

/// One connection to a server over TCP, TLS or a unix socket: a stream that Asio and Beast can read
/// and write, and what the pool needs to know about it. Made by a dialer, owned by the pool and by
/// whoever leases it.
///
/// Reading and writing is for the one that leases it. shut_down(), last_byte() and the flags may be
/// used by any thread.
class connection final : public pooled {
 public:
  using socket = asio::generic::stream_protocol::socket;
  using tls_stream = asio::ssl::stream<socket&>;
  using executor_type = socket::executor_type;

  connection(socket s, endpoint to);
  ~connection() override;

  executor_type get_executor() { return socket_.get_executor(); }
  [[nodiscard]] const endpoint& remote() const { return to_; }
  [[nodiscard]] int native_handle() { return socket_.native_handle(); }
  /// Where exactly it is connected: of a name, one of its addresses. Set by who makes it.
  [[nodiscard]] const socket::endpoint_type& address() const { return address_; }
  void set_address(socket::endpoint_type at) { address_ = std::move(at); }
  /// The socket under whatever there is above it; for dialers.
  [[nodiscard]] socket& plain() { return socket_; }

  /// Makes this a TLS connection: the caller does the handshake on what it returns.
  tls_stream& start_tls(asio::ssl::context& context);

  /// AsyncReadStream and AsyncWriteStream, for Beast and for asio::async_read and async_write.
  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, const Buffers& into) {
          tls_ ? tls_->async_read_some(into, std::move(handler))
               : socket_.async_read_some(into, std::move(handler));
        },
        token, buffers);
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [this](auto handler, const Buffers& from) {
          tls_ ? tls_->async_write_some(from, std::move(handler))
               : socket_.async_write_some(from, std::move(handler));
        },
        token, buffers);
  }

  /// Hands the socket what it takes without waiting, which spares the usual request a wait that
  /// ends at once. How many bytes that was: 0 also where it fails, which the next write will say,
  /// and over TLS.
  std::size_t write_now(std::string_view bytes);
  /// The same of several pieces, 8 at most.
  std::size_t write_now(std::span<const asio::const_buffer> pieces);

  /// Whoever moves bytes says so: the age of the last one decides about reclaiming.
  void touch(time_point now) { last_byte_.store(now.time_since_epoch().count(), relaxed); }
  [[nodiscard]] time_point last_byte() const {
    return time_point(duration(last_byte_.load(relaxed)));
  }

  /// When the operation that is under way has to be over; time_point::max() for none. A pool's
  /// connection that is past it is shut down, which ends the operation. Once that has happened
  /// nothing changes it any more.
  void set_deadline(time_point at);
  /// Shuts the connection down if its deadline has passed.
  void end_if_overdue(time_point now);
  [[nodiscard]] time_point deadline() const { return time_point(duration(deadline_.load())); }

  /// Ends both directions at once, from any thread. The descriptor stays open, so that its number
  /// cannot become another's while somebody still holds this; reads and writes fail from now on.
  /// `code` and `why` are what operations fail with.
  void shut_down(std::string_view why, errc code = errc::cancelled);
  [[nodiscard]] bool is_shut_down() const {
    return shut_.load(std::memory_order_acquire) || deadline_.load(relaxed) == overdue;
  }
  /// Why; nothing while it is not.
  [[nodiscard]] std::optional<error> why_shut_down() const;
  /// What it means that an operation failed with this: it may be that it was shut down.
  [[nodiscard]] error why_failed(const boost::system::error_code& code,
                                 std::string_view action) const;

  void mark_peer_closed() { peer_closed_.store(true, relaxed); }
  [[nodiscard]] bool has_peer_closed() const { return peer_closed_.load(relaxed); }

  /// What is there to be read without waiting. One recv(MSG_PEEK), and a look at what TLS has
  /// taken from the socket already. For whoever leases it, with no operation under way.
  enum class pending : std::uint8_t { nothing, bytes, end };
  [[nodiscard]] pending peek();
  /// Is there anything that nobody asked for, the end of the stream included?
  [[nodiscard]] bool is_dirty() { return peek() != pending::nothing; }
  [[nodiscard]] bool is_tls() const { return tls_ != nullptr; }

  /// What a protocol remembers of this connection, a handshake's outcome or a parser's rest, for
  /// as long as it lives. For whoever prepares or leases it; empty at first.
  [[nodiscard]] std::any& protocol_state() { return protocol_state_; }

  /// Set by who makes it, before anybody gets it.
  [[nodiscard]] dial_times& made_in() { return made_in_; }

  /// What closing does; orderly unless set. A reset is done only when nothing is unread or unsent.
  void close_with(close_how how) { how_ = how; }
  /// Where this connection's close is counted.
  void count_in(std::shared_ptr<close_counts> counts) { counts_ = std::move(counts); }
  /// Who shuts this down when a deadline is over; before there is any.
  void keep_deadlines_by(std::shared_ptr<reminder> who) { deadlines_ = std::move(who); }
  /// The watcher's name for it.
  void set_watch_number(std::uint64_t number) { watch_number_ = number; }
  [[nodiscard]] std::uint64_t watch_number() const { return watch_number_; }
  /// Whether the watcher looks for bytes, too. Gives what it was.
  bool set_watched_for_bytes(bool is) { return watched_for_bytes_.exchange(is, relaxed); }
  void count_unasked() {
    if (counts_) ++counts_->unasked;
  }

 private:
  static constexpr auto relaxed = std::memory_order_relaxed;
  static constexpr duration::rep overdue = std::numeric_limits<duration::rep>::min();

  socket socket_;
  std::unique_ptr<tls_stream> tls_;
  const endpoint to_;
  socket::endpoint_type address_;
  std::atomic<duration::rep> last_byte_;
  std::atomic<duration::rep> deadline_{time_point::max().time_since_epoch().count()};
  std::atomic<bool> shut_{false};
  std::atomic<bool> peer_closed_{false};
  std::atomic<std::shared_ptr<const error>> why_;
  std::any protocol_state_;
  dial_times made_in_;
  close_how how_ = close_how::orderly;
  std::shared_ptr<close_counts> counts_;
  std::shared_ptr<reminder> deadlines_;
  std::atomic<std::uint64_t> watch_number_{0};
  std::atomic<bool> watched_for_bytes_{false};
};

using connection_ptr = std::shared_ptr<connection>;

}  // namespace waitstate::client
