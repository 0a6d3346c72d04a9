#include "mux/mux_connection.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "waitstate/client/thrift/thrift_frame.h"

namespace waitstate::client {
namespace {

constexpr std::uint64_t around_message_max = 65'536;  // what a frame has beside the message
constexpr std::string_view gave_up = "the caller's deadline passed";

std::uint32_t frame_max(std::size_t message_max) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(
      std::min(most, std::min<std::uint64_t>(most, message_max) + around_message_max));
}

error unavailable(std::string what) {
  return {.code = errc::unavailable, .what = std::move(what), .hint = {}};
}

}  // namespace

struct mux_connection::call {
  mux_message what;
  std::shared_ptr<one_shot<mux_reply>> waiting;
  bool was_sent = false;

  void give(mux_reply reply) const { waiting->give(std::move(reply)); }
};

mux_connection::mux_connection(asio::any_io_executor executor, lease over, const limits& l)
    : limits_(l),
      to_(over->remote()),
      turn_(asio::make_strand(executor)),
      over_(std::move(over)),
      session_(l.session, clock::now()),
      timer_(turn_) {}

void mux_connection::start() {
  over_->set_deadline(time_point::max());
  asio::co_spawn(turn_, read(shared_from_this()), asio::detached);
  asio::co_spawn(turn_, ping(shared_from_this()), asio::detached);
}

asio::awaitable<mux_reply> mux_connection::exchange(std::shared_ptr<mux_connection> self,
                                                    mux_message what, time_point deadline) {
  const auto c = std::make_shared<call>();
  c->what = std::move(what);
  c->waiting = std::make_shared<one_shot<mux_reply>>(co_await asio::this_coro::executor);
  asio::post(self->turn_, [self, c] { self->send_call(c); });
  auto got = co_await one_shot<mux_reply>::take(c->waiting, deadline);
  if (got) co_return *std::move(got);
  asio::post(self->turn_, [self, c] { self->give_up(c); });
  co_return mux_reply{.message = failure(error{
                          .code = errc::timed_out, .what = "the deadline passed", .hint = {}})};
}

void mux_connection::send_call(const call_ptr& c) {
  if (is_ended_ || !session_.may_dispatch(clock::now()) || queued_bytes_ > limits_.unsent_max) {
    c->give({.message = failure(unavailable("the connection takes no more calls")),
             .was_sent = false,
             .was_refused = true});
    return;
  }
  c->what.tag = session_.dispatch();
  calls_.emplace(c->what.tag, c);
  send(c->what, c);
  c->what.body.clear();
}

void mux_connection::give_up(const call_ptr& c) {
  if (is_ended_) return;
  const auto found = calls_.find(c->what.tag);
  if (found == calls_.end() || found->second != c) return;
  calls_.erase(found);
  if (const auto told = session_.discard(c->what.tag, gave_up)) send(*told);
  if (session_.is_draining()) is_usable_ = false;
  end_if_over();
}

void mux_connection::send(const mux_message& m, call_ptr of) {
  unsent next{.bytes = {}, .of = std::move(of)};
  append_mux_message(next.bytes, m);
  queued_bytes_ += next.bytes.size() + sizeof(unsent);
  queue_.push_back(std::move(next));
  if (is_writing_) return;
  is_writing_ = true;
  asio::co_spawn(turn_, write(shared_from_this()), asio::detached);
}

asio::awaitable<void> mux_connection::write(std::shared_ptr<mux_connection> self) {
  while (!self->queue_.empty() && !self->is_ended_) {
    // All that waits goes at once.
    std::deque<unsent> going = std::exchange(self->queue_, {});
    std::string bytes;
    bytes.reserve(self->queued_bytes_);
    self->queued_bytes_ = 0;
    for (const auto& part : going) {
      bytes += part.bytes;
      if (part.of) part.of->was_sent = true;
    }
    const auto connection = self->over_.shared();
    const auto [code, sent] =
        co_await asio::async_write(*connection, asio::buffer(bytes), as_value);
    connection->touch(clock::now());
    if (code) self->end(from_code(code, "send"));
  }
  self->is_writing_ = false;
  self->end_if_over();
}

asio::awaitable<void> mux_connection::read(std::shared_ptr<mux_connection> self) {
  const auto connection = self->over_.shared();
  thrift_frame_reader reader(frame_max(self->limits_.session.message_max));
  while (!self->is_ended_) {
    const auto space = reader.space();
    const auto [code, got] =
        co_await connection->async_read_some(asio::buffer(space.data(), space.size()), as_value);
    if (code) co_return self->end(from_code(code, "read"));
    reader.received(got);
    connection->touch(clock::now());
    for (;;) {
      auto frame = reader.next();
      if (!frame) co_return self->end(frame.error());
      if (!*frame) break;
      auto taken = self->session_.receive(**frame, clock::now());
      if (!taken) co_return self->end(taken.error());
      self->take(*std::move(taken));
      if (self->is_ended_) co_return;
    }
    self->end_if_over();
  }
}

void mux_connection::take(mux_session::received got) {
  if (session_.is_draining()) is_usable_ = false;
  if (got.answer) {
    if (queued_bytes_ > limits_.unsent_max) {
      return end(
          {.code = errc::unavailable, .what = "it asks without reading the answers", .hint = {}});
    }
    send(*got.answer);
  }
  if (!got.reply || got.is_discarded) return;
  const auto found = calls_.find(got.reply->tag);
  if (found == calls_.end()) return;
  const auto c = found->second;
  calls_.erase(found);
  c->give({.message = *std::move(got.reply)});
}

asio::awaitable<void> mux_connection::ping(std::shared_ptr<mux_connection> self) {
  while (!self->is_ended_) {
    self->timer_.expires_at(self->session_.next_tick());
    co_await self->timer_.async_wait(as_value);
    if (self->is_ended_) co_return;
    const auto due = self->session_.tick(clock::now());
    if (!due) co_return self->end(due.error());
    if (!*due) continue;
    self->send(**due);
    if (self->limits_.is_wanted && !self->limits_.is_wanted()) self->drain();
  }
}

void mux_connection::drain() {
  is_usable_ = false;
  asio::post(turn_, [self = shared_from_this()] {
    self->session_.drain();
    self->end_if_over();
  });
}

void mux_connection::close(error why) {
  is_usable_ = false;
  asio::post(turn_, [self = shared_from_this(), why = std::move(why)] { self->end(why); });
}

void mux_connection::end_if_over() {
  if (session_.is_over() && queue_.empty() && !is_writing_) end(unavailable("it was drained"));
}

void mux_connection::end(const error& why) {
  if (is_ended_) return;
  is_ended_ = true;
  is_usable_ = false;
  for (const auto& [tag, c] : std::exchange(calls_, {})) {
    c->give({.message = failure(why), .was_sent = c->was_sent});
  }
  queue_.clear();
  timer_.cancel();
  // The reader may be waiting in it.
  over_->shut_down(why.what, why.code);
  over_.give_back();
}

}  // namespace waitstate::client
