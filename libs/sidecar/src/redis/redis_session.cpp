#include "redis/redis_session.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace waitstate::sidecar {
namespace {

using client::as_value;
using client::clock;

// What an idle client has to read into, and one that sends much.
constexpr std::size_t small_read = 768;
constexpr std::size_t large_read = std::size_t{32} << 10;
// Past it nothing more is read while a request waits for others.
constexpr std::size_t read_ahead_max = std::size_t{1} << 20;
constexpr std::string_view not_yet = "a server";  // while it is being connected to

}  // namespace

redis_session::redis_session(client_ptr who, std::shared_ptr<redis_route> route)
    : who_(std::move(who)),
      route_(std::move(route)),
      dialogue_(route_->facts_of(*who_)),
      scanner_(route_->settings.request_bytes_max),
      out_(std::make_shared<redis_output>(who_, [this](bool is_well) { written(is_well); })),
      wake_(who_->socket.get_executor(), time_point::max()) {
  ++route_->counts.clients;
}

redis_session::~redis_session() {
  out_->stop();
}

asio::awaitable<void> redis_session::run(std::shared_ptr<redis_session> self) {
  std::array<char, small_read> small{};
  std::unique_ptr<char[]> large;
  boost::system::error_code ended;
  while (self->is_reading_) {
    const auto into = large ? asio::buffer(large.get(), large_read) : asio::buffer(small);
    const auto [code, got] = co_await self->who_->socket.async_read_some(into, as_value);
    ended = code;
    if (code == asio::error::eof && self->is_reading_) self->who_->has_ended = true;
    if (code || !self->is_reading_) break;
    self->take({static_cast<const char*>(into.data()), got});
    // One that fills what it is given has more to say.
    if (got == into.size() && !large) large = std::make_unique_for_overwrite<char[]>(large_read);
    if (got < small_read) large.reset();
    while (self->is_reading_ && self->held_ && self->in_.size() > read_ahead_max) {
      co_await self->wake_.async_wait(as_value);
    }
  }
  if (ended && ended != asio::error::eof) self->let_go();
  co_await finish(self);
  self->drop_own();
  self->let_go();
}

asio::awaitable<void> redis_session::finish(std::shared_ptr<redis_session> self) {
  // It may have closed its half alone. What is not over by itself is over now.
  const bool is_over = self->held_ || (!self->is_blocking_ && !self->dialogue_.needs_pinned());
  if (self->is_reading_ && !is_over) self->drop_own();
  const auto deadline = clock::now() + self->route_->settings.call_time_max;
  self->wake_.expires_at(deadline);
  self->flush();
  while (!self->is_gone_ && clock::now() < deadline &&
         (self->held_ || !self->slots_.is_empty() || !self->out_->is_idle())) {
    co_await self->wake_.async_wait(as_value);
  }
}

void redis_session::take(std::string_view fresh) {
  if (in_.empty()) {
    const auto done = work(fresh);
    in_.assign(fresh.substr(done));
  } else {
    in_ += fresh;
    in_.erase(0, work(in_));
  }
  if (in_.empty()) forget_large(in_);
  flush();
}

std::size_t redis_session::work(std::string_view bytes) {
  std::size_t at = 0;
  is_working_ = true;
  while (is_reading_) {
    bool is_passed_over = false;
    auto what =
        held_ ? std::exchange(held_, std::nullopt) : next_verdict(bytes.substr(at), is_passed_over);
    if (!what && !is_passed_over) break;
    if (what && !may_do(*what)) {
      held_ = std::move(what);
      break;
    }
    if (what) do_it(*what, bytes.substr(at, scanner_.size()));
    at += scanner_.size();
    scanner_.reset();
  }
  is_working_ = false;
  return is_reading_ ? at : bytes.size();
}

std::optional<redis_verdict> redis_session::next_verdict(std::string_view bytes,
                                                         bool& is_passed_over) {
  using state = resp_request_scanner::state;
  switch (scanner_.scan(bytes)) {
    case state::incomplete: return std::nullopt;
    case state::nothing: is_passed_over = true; return std::nullopt;
    case state::refused: {
      ++route_->counts.protocol_errors;
      redis_verdict refused{.text = fmt::format("-ERR {}\r\n", scanner_.refused())};
      refused.closes = true;
      return refused;
    }
    case state::complete: break;
  }
  ++who_->requests;
  ++route_->counts.requests;
  who_->is_idle = false;
  return dialogue_.on_request(scanner_.arguments(bytes));
}

bool redis_session::may_do(const redis_verdict& what) const {
  const auto& most = route_->settings;
  if (preparing_) return false;
  const bool is_empty = slots_.is_empty();
  if (slots_.size() >= most.pipeline_max && !dialogue_.is_tunnel()) return false;
  switch (what.step) {
    case redis_step::answer: return is_empty || !what.drops_pinned || !own_;
    case redis_step::prepare: return is_empty;
    case redis_step::shared: {
      if (own_) return is_empty;
      const auto link = redis_links::latest(link_);
      // Another server, or another connection, could do it before what was asked before.
      return is_empty || (link && route_->links.is_for(*link, what.is_read, place()));
    }
    case redis_step::pinned: return own_ != nullptr || is_empty;
    case redis_step::tunnel: return is_empty || (own_ && own_->is_tunnel());
  }
  return true;
}

void redis_session::do_it(const redis_verdict& what, std::string_view request) {
  if (what.drops_pinned) drop_own();
  std::string array;
  if (scanner_.is_inline() && what.step != redis_step::answer) {
    array = as_array(request);
    request = array;
  }
  switch (what.step) {
    case redis_step::answer: answer(what.text); break;
    case redis_step::shared: send_shared(what, request); break;
    case redis_step::pinned:
    case redis_step::tunnel: send_own(what, request); break;
    case redis_step::prepare: prepare(what); break;
  }
  if (what.closes) stop_reading();
}

void redis_session::answer(std::string_view reply) {
  ++route_->counts.answered_here;
  slots_.give(slots_.add(), reply, true, out_->next());
}

redis_pending redis_session::pending(const redis_verdict& what) {
  return {.who = shared_from_this(),
          .number = slots_.add(),
          .since = route_->now,
          .is_read = what.is_read,
          .may_block = what.may_block};
}

void redis_session::send_shared(const redis_verdict& what, std::string_view request) {
  release_own();
  if (slots_.is_empty()) link_.reset();
  link_ = redis_links::latest(std::move(link_));
  if (!link_) link_ = route_->links.shared(what.is_read, place());
  if (const auto why = redis_links::why_full(*link_); !why.empty()) return answer(why);
  link_->send(pending(what), request);
}

void redis_session::send_own(const redis_verdict& what, std::string_view request) {
  own_ = redis_links::latest(std::move(own_));
  if (!own_) {
    own_ = route_->links.own(place());
    own_->belongs_to(shared_from_this());
  }
  name_pinned();
  is_blocking_ = is_blocking_ || what.may_block;
  if (what.step == redis_step::pinned) return own_->send(pending(what), request);
  own_->become_tunnel();
  own_->send_raw(request);
}

void redis_session::name_pinned() {
  const std::string_view server = own_->server().empty() ? not_yet : own_->server();
  const std::string_view why = dialogue_.pinned_for();
  who_->pinned = fmt::format("{} ({})", server, why.empty() ? "a command that may take long" : why);
}

void redis_session::set_deadline() {
  const auto& most = route_->settings;
  if (own_ && who_->pinned.starts_with(not_yet)) name_pinned();
  const bool is_holding = own_ && dialogue_.needs_pinned() && !dialogue_.is_tunnel();
  who_->deadline = time_point::max();
  if ((!in_.empty() && !held_) || !out_->is_idle()) {
    who_->deadline = route_->now + most.call_time_max;
  } else if (is_holding && slots_.is_empty() && most.pin_idle_max.count() > 0) {
    who_->deadline = route_->now + most.pin_idle_max;
  }
}

void redis_session::prepare(const redis_verdict& what) {
  preparing_ = what;
  release_own();
  auto asks = pending(what);
  asks.is_greeting = true;
  link_ = route_->links.shared(false, {.protocol = what.protocol, .database = what.database});
  link_->send(std::move(asks), {});
}

void redis_session::prepared(std::string_view reply, bool is_error) {
  const auto what = std::exchange(preparing_, std::nullopt).value_or(redis_verdict{});
  if (!is_error) dialogue_.prepared(what);
  ++route_->counts.answered_here;
  out_->next() += is_error || what.is_hello ? reply : std::string_view(what.text);
}

bool redis_session::gathered() {
  const auto waiting = out_->next().size() + slots_.held_bytes();
  if (waiting <= route_->settings.replies_bytes_max) return wants_flush();
  ++route_->counts.slow_clients;
  let_go();
  return false;
}

bool redis_session::on_reply(std::uint64_t number, std::string_view bytes, bool is_end) {
  if (is_gone_) {
    if (is_end) ++route_->counts.drained;
    return false;
  }
  if (preparing_) {
    // A server without HELLO says so, and is spoken to in RESP2.
    prepared(bytes, preparing_->is_hello && bytes.starts_with('-'));
    bytes = {};
  }
  slots_.give(number, bytes, is_end, out_->next());
  return gathered();
}

bool redis_session::on_lost(std::uint64_t number, bool is_begun, std::string_view error) {
  if (is_gone_) return false;
  if (is_begun) {
    // Whatever came now would be read as more of that reply.
    let_go();
    return false;
  }
  if (preparing_) {
    prepared(error, true);
    error = {};
  }
  slots_.give(number, error, true, out_->next());
  return wants_flush();
}

bool redis_session::on_bytes(std::string_view bytes) {
  if (is_gone_) return false;
  out_->next() += bytes;
  return gathered();
}

bool redis_session::on_own_lost(std::string_view error) {
  // Of another one that it has let go, or nothing depends on it.
  if (is_gone_ || !own_ || !dialogue_.needs_pinned()) return false;
  // What it had said over that connection is lost, so it has to begin again, as after a failure of
  // the server that it would see itself.
  if (slots_.is_empty() && !dialogue_.is_tunnel()) out_->next() += error;
  stop_reading();
  return wants_flush();
}

void redis_session::flush() {
  is_flush_due_ = false;
  if (is_gone_) return;
  out_->start();
  progress();
}

void redis_session::progress() {
  if (is_working_) return;
  if (slots_.is_empty()) {
    is_blocking_ = false;
    if (!dialogue_.needs_pinned()) release_own();
  }
  if (held_ && is_reading_) {
    in_.erase(0, work(in_));
    if (in_.empty()) forget_large(in_);
    out_->start();
  }
  if (slots_.is_empty() && !held_) {
    who_->is_idle = !own_ && in_.empty();
    if (route_->is_draining && who_->is_idle) stop_reading();
  }
  set_deadline();
  wake_.cancel();
}

void redis_session::written(bool is_well) {
  if (!is_well) return let_go();
  set_deadline();
  wake_.cancel();
}

void redis_session::release_own() {
  if (const auto own = redis_links::latest(std::exchange(own_, nullptr))) own->release();
  who_->pinned.clear();
}

void redis_session::drop_own() {
  if (!own_) return;
  const auto own = redis_links::latest(std::exchange(own_, nullptr));
  dialogue_.unpinned();
  who_->pinned.clear();
  if (own) own->end(redis_error("its client has left"));
}

void redis_session::stop_reading() {
  if (!std::exchange(is_reading_, false)) return;
  held_.reset();
  // Ends the read that is under way, and no write.
  ::shutdown(who_->socket.native_handle(), SHUT_RD);
  wake_.cancel();
}

void redis_session::let_go() {
  if (std::exchange(is_gone_, true)) return;
  is_reading_ = false;
  held_.reset();
  slots_.clear();
  out_->stop();
  who_->end_operations();
  wake_.cancel();
}

}  // namespace waitstate::sidecar
