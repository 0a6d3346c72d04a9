#include "redis/redis_link.h"

#include <any>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "front/far_end.h"
#include "redis/redis_dialogue.h"
#include "redis/redis_farewell.h"

namespace waitstate::sidecar {
namespace {

using client::as_value;
using client::clock;
using client::task;
namespace asio = client::asio;
using std::chrono::milliseconds;

constexpr std::size_t read_size = std::size_t{16} << 10;
constexpr milliseconds pause_first{20};
constexpr milliseconds pause_max{250};

}  // namespace

redis_link::redis_link(std::shared_ptr<client::cluster> of, redis_link_settings settings,
                       end_handler on_end)
    : of_(std::move(of)), settings_(std::move(settings)), on_end_(std::move(on_end)) {}

void redis_link::start() {
  began_ = last_used = clock::now();
  // Not at once: whoever made it is about to send something.
  asio::post(of_->executor(), [self = shared_from_this()] {
    asio::co_spawn(self->of_->executor(), run(self), asio::detached);
  });
}

asio::awaitable<void> redis_link::run(self_ptr self) {
  if (!co_await connect(self)) co_return;
  std::array<char, read_size> bytes;
  bool is_cut = false;  // in a read, of which TLS may have had a part
  const auto connection = self->connection_;
  while (self->state_ == state::ready && !self->is_released_) {
    const auto [code, got] = co_await connection->async_read_some(asio::buffer(bytes), as_value);
    is_cut = self->is_released_ && code == asio::error::operation_aborted;
    if (is_cut) break;
    if (code == asio::error::eof) connection->mark_peer_closed();
    if (code) co_return self->end(self->lost_because(connection->why_failed(code, "read")));
    if (!self->take({bytes.data(), got})) co_return;
  }
  if (self->state_ != state::ready) co_return;
  self->state_ = state::ended;
  const bool is_clean = !self->is_writing_ && self->queue_.is_empty() && !self->is_tunnel_ &&
                        self->scanner_.is_at_begin() && !(is_cut && connection->is_tls());
  if (is_clean) self->over_.over().keep();
  self->connection_.reset();
  self->over_.give_back(client::call_outcome::unknown);
}

asio::awaitable<bool> redis_link::connect(self_ptr self) {
  const auto refusal = std::make_shared<redis_refusal>();
  const auto deadline = self->began_ + self->settings_.call_time_max;
  const auto patient_until = std::min(deadline, self->began_ + self->settings_.unreachable_max);
  for (auto pause = pause_first;; pause = std::min(2 * pause, pause_max)) {
    auto got = co_await connect_once(self, deadline, refusal);
    if (self->state_ == state::ended) {
      // Nothing was said over it but the greeting.
      if (got) self->over_.over().keep();
      self->over_.give_back(client::call_outcome::unknown);
      co_return false;
    }
    if (got) break;
    const auto& why = got.error();
    self->over_.give_back(client::call_outcome::unknown);
    if (!is_unavailable(why.code) || clock::now() + pause > patient_until) {
      self->end(refusal->reply.empty() ? redis_error(why.what) : refusal->reply);
      co_return false;
    }
    asio::steady_timer timer(co_await asio::this_coro::executor, pause);
    co_await timer.async_wait(as_value);
  }
  self->connected();
  co_return true;
}

task<> redis_link::connect_once(self_ptr self, client::time_point deadline,
                                std::shared_ptr<redis_refusal> refusal) {
  auto over = co_await self->of_->acquire({.deadline = deadline, .stack = {}});
  if (!over) co_return failure(std::move(over).error());
  self->over_ = *std::move(over);
  const auto connection = self->over_.over().shared();
  connection->set_deadline(deadline);
  auto greeted = co_await greet(connection, self->settings_.at, self->settings_.as, refusal);
  connection->set_deadline(client::time_point::max());
  co_return greeted;
}

void redis_link::connected() {
  state_ = state::ready;
  connection_ = over_.over().shared();
  to_ = connection_->remote();
  server_ = to_string(to_);
  if (const auto* is = std::any_cast<redis_standing>(&connection_->protocol_state())) {
    hello_ = is->hello;
  }
  finish_greetings();
  flush_touched();
  flush();
}

void redis_link::send(redis_pending what, std::string_view bytes) {
  last_used = what.since;
  queue_.push(std::move(what), bytes);
  if (state_ != state::ready) return;
  if (queue_.front().is_greeting) {
    finish_greetings();
    asio::post(of_->executor(), [self = shared_from_this()] { self->flush_touched(); });
  }
  flush_soon();
}

void redis_link::send_raw(std::string_view bytes) {
  queue_.push_raw(bytes);
  flush_soon();
}

void redis_link::flush_soon() {
  if (is_flush_posted_ || is_writing_ || state_ != state::ready) return;
  is_flush_posted_ = true;
  // Behind the clients that are ready in this moment, too.
  asio::post(of_->executor(), [self = shared_from_this()] {
    self->is_flush_posted_ = false;
    self->flush();
  });
}

void redis_link::flush() {
  if (is_writing_ || state_ != state::ready || !queue_.has_unwritten()) return;
  is_writing_ = true;
  write(queue_.begin_write());
}

void redis_link::write(std::string_view bytes) {
  connection_->async_write_some(
      asio::buffer(bytes),
      [self = shared_from_this(), bytes](const boost::system::error_code& code, std::size_t sent) {
        if (self->state_ != state::ready) return;
        if (code) {
          // TLS may have sent a part of what it says it has not.
          if (!self->connection_->is_tls()) self->queue_.write_failed();
          return self->end(self->lost_because(self->connection_->why_failed(code, "send")));
        }
        self->queue_.written(sent);
        if (sent < bytes.size()) return self->write(bytes.substr(sent));
        self->is_writing_ = false;
        self->flush();
      });
}

bool redis_link::take(std::string_view bytes) {
  connection_->touch(clock::now());
  while (!bytes.empty() && state_ == state::ready) {
    if (is_tunnel_) {
      if (owner_) touch(owner_, owner_->on_bytes(bytes));
      break;
    }
    if (!take_reply(bytes)) break;
  }
  flush_touched();
  return state_ == state::ready;
}

bool redis_link::take_reply(std::string_view& bytes) {
  if (queue_.is_empty()) {
    end(redis_error(server_ + " sent what nobody had asked for"));
    return false;
  }
  const auto taken = scanner_.take(bytes);
  const bool is_push = scanner_.type() == '>';
  if (!scanner_.refused().empty() || is_push) {
    end(redis_error(fmt::format(
        "{} sent {}", server_, is_push ? "a push that nobody had asked for" : scanner_.refused())));
    return false;
  }
  const auto part = bytes.substr(0, taken);
  bytes.remove_prefix(taken);
  if (!scanner_.is_done()) {
    queue_.begun();
    const auto& next = queue_.front();
    touch(next.who, next.who->on_reply(next.number, part, false));
    return true;
  }
  scanner_.reset();
  ++answered_;
  const auto answered = queue_.pop();
  touch(answered.who, answered.who->on_reply(answered.number, part, true));
  finish_greetings();
  return true;
}

void redis_link::finish_greetings() {
  while (!queue_.is_empty() && queue_.front().is_greeting) {
    const auto next = queue_.pop();
    touch(next.who, next.who->on_reply(next.number, hello_, true));
  }
}

void redis_link::touch(const std::shared_ptr<redis_waiter>& who, bool wants_flush) {
  if (wants_flush) touched_.push_back(who);
}

void redis_link::flush_touched() {
  // Whoever is told may send more, here or elsewhere.
  for (const auto& who : std::exchange(touched_, {})) who->flush();
}

void redis_link::release() {
  if (is_released_ || state_ == state::ended) return;
  if (state_ == state::connecting) return end(redis_error("nobody waits any more"));
  is_released_ = true;
  owner_.reset();
  // The reader may be waiting; where it is not, it sees that by itself.
  connection_->plain().cancel();
}

void redis_link::end(std::string_view error) {
  if (state_ == state::ended) return;
  const bool was_ready = state_ == state::ready;
  state_ = state::ended;
  auto lost = queue_.take_lost();
  const std::string why(error);
  last_used = clock::now();
  if (was_ready) {
    // Who closes first keeps TIME-WAIT, but not after a reset. The reader still has it.
    connection_->plain().cancel();
    far_end::reset(connection_->plain().native_handle());
    const bool is_failure = !lost.empty() && !is_dropped_;
    over_.give_back(is_failure ? client::call_outcome::failed : client::call_outcome::unknown);
    connection_->close_with(client::close_how::reset);
  }
  const auto on_end = std::exchange(on_end_, nullptr);
  if (on_end) on_end(*this, std::move(lost), why);
  // With a successor, that one has it.
  if (const auto who = std::exchange(owner_, nullptr)) touch(who, who->on_own_lost(why));
  flush_touched();
}

void redis_link::drop() {
  is_dropped_ = true;
  end(redis_error("its client has left"));
}

void redis_link::leave() {
  owner_.reset();
  is_leaving_ = true;
  last_used = clock::now();
  // The server does what came before, and closes first.
  send_raw(redis_farewell::request());
}

void redis_link::look(client::time_point now) {
  if (is_leaving_ && now - last_used > settings_.call_time_max) return drop();
  if (state_ != state::ready || queue_.is_empty()) return;
  const auto& next = queue_.front();
  if (next.may_block || now - next.since <= settings_.call_time_max) return;
  const auto seconds = std::chrono::duration<double>(settings_.call_time_max).count();
  end(redis_error(fmt::format("no reply from {} in {} s", server_, seconds)));
}

std::string redis_link::lost_because(const error& why) const {
  return redis_error(fmt::format("the connection to {} was lost: {}", server_, why.what));
}

}  // namespace waitstate::sidecar
