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
// While the route drains, a client that was silent for so long is not about to send something.
constexpr std::chrono::milliseconds surely_idle{500};

}  // namespace

redis_session::redis_session(client_ptr who, std::shared_ptr<redis_route> route)
    : who_(std::move(who)),
      route_(std::move(route)),
      dialogue_(route_->facts_of(*who_)),
      scanner_(route_->settings.request_bytes_max),
      out_(std::make_shared<redis_output>(who_, [this](bool is_well) { written(is_well); })),
      own_(who_, route_, dialogue_),
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
  self->set_deadline();
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
    while (self->is_reading_ && self->has_to_wait_ && self->in_.size() > read_ahead_max) {
      co_await self->wake_.async_wait(as_value);
    }
  }
  if (ended && ended != asio::error::eof) self->let_go();
  co_await finish(self);
  self->own_.drop();
  self->let_go();
}

asio::awaitable<void> redis_session::finish(std::shared_ptr<redis_session> self) {
  const auto deadline = clock::now() + self->route_->settings.call_time_max;
  self->wake_.expires_at(deadline);
  self->flush();
  while (true) {
    // It may have closed its half alone. What is not over by itself is over now.
    if (!self->has_to_wait_ && self->own_.is_holding()) self->own_.drop();
    if (self->is_gone_ || clock::now() >= deadline || !self->is_answer_due()) co_return;
    co_await self->wake_.async_wait(as_value);
  }
}

bool redis_session::is_answer_due() const {
  return has_to_wait_ || own_.is_ending() || !slots_.is_empty() || !out_->is_idle();
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
  has_to_wait_ = false;
  while (is_reading_) {
    redis_verdict what;
    auto is = next::request;
    if (auto judged = std::exchange(held_, std::nullopt)) {
      what = *std::move(judged);
    } else {
      is = read_next(bytes.substr(at), what);
    }
    if (is == next::none) break;
    has_to_wait_ = is == next::waits || (is == next::request && !may_do(what));
    if (has_to_wait_) {
      if (is == next::request) held_ = std::move(what);
      break;
    }
    if (is == next::request) do_it(what, bytes.substr(at, scanner_.size()));
    at += scanner_.size();
    scanner_.reset();
  }
  is_working_ = false;
  return is_reading_ ? at : bytes.size();
}

redis_session::next redis_session::read_next(std::string_view bytes, redis_verdict& into) {
  using state = resp_request_scanner::state;
  switch (scanner_.scan(bytes)) {
    case state::incomplete: return next::none;
    case state::nothing: return next::nothing;
    case state::refused:
      ++route_->counts.protocol_errors;
      into.text = fmt::format("-ERR {}\r\n", scanner_.refused());
      into.closes = true;
      return next::request;
    case state::complete: break;
  }
  // What it is depends on what the client, and its connection, will be then.
  if (preparing_ || own_.is_resetting()) return next::waits;
  const auto arguments = scanner_.arguments(bytes);
  if (own_.is_there() && !slots_.is_empty() && dialogue_.depends_on_replies(arguments))
    return next::waits;
  ++who_->requests;
  ++route_->counts.requests;
  who_->is_idle = false;
  into = dialogue_.on_request(arguments);
  return next::request;
}

bool redis_session::may_do(const redis_verdict& what) const {
  const auto& most = route_->settings;
  if (preparing_) return false;
  const bool is_empty = slots_.is_empty();
  if (slots_.size() >= most.pipeline_max && !dialogue_.is_tunnel()) return false;
  switch (what.step) {
    case redis_step::answer: return is_empty || !what.drops_pinned || !own_.is_there();
    case redis_step::prepare: return is_empty;
    case redis_step::shared: {
      if (own_.is_there()) return is_empty;
      const auto link = redis_links::latest(link_);
      // Another server, or another connection, could do it before what was asked before.
      return is_empty || (link && route_->links.is_for(*link, what.is_read, place()));
    }
    case redis_step::pinned: return own_.is_there() || is_empty;
    case redis_step::tunnel: return is_empty || own_.is_tunnel();
  }
  return true;
}

void redis_session::do_it(const redis_verdict& what, std::string_view request) {
  if (what.drops_pinned) own_.drop();
  if (what.step == redis_step::answer) dialogue_.becomes(what, 0);
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
  own_.release();
  if (slots_.is_empty()) link_.reset();
  link_ = redis_links::latest(std::move(link_));
  if (!link_) link_ = route_->links.shared(what.is_read, place());
  if (const auto why = redis_links::why_full(*link_); !why.empty()) return answer(why);
  link_->send(pending(what), request);
}

void redis_session::send_own(const redis_verdict& what, std::string_view request) {
  if (what.step == redis_step::pinned) return own_.send(pending(what), what, request);
  own_.tunnel(shared_from_this(), what, request);
}

void redis_session::set_deadline() {
  const auto& most = route_->settings;
  own_.name();
  const bool is_holding = own_.is_holding() && !dialogue_.is_tunnel();
  who_->deadline = time_point::max();
  if (route_->is_draining && is_idle()) {
    // Not at once: what it sends now may be under way. The front leaves that to this.
    who_->is_idle = false;
    who_->deadline = clock::now() + surely_idle;
  } else if ((!in_.empty() && !has_to_wait_) || !out_->is_idle()) {
    who_->deadline = route_->now + most.call_time_max;
  } else if (is_holding && slots_.is_empty() && most.pin_idle_max.count() > 0) {
    who_->deadline = route_->now + most.pin_idle_max;
  }
}

void redis_session::prepare(const redis_verdict& what) {
  preparing_ = what;
  own_.release();
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
  dialogue_.replied(number, bytes, is_end);
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
  own_.take(bytes, out_->next());
  return gathered();
}

bool redis_session::on_own_lost(std::string_view error) {
  if (is_gone_) return false;
  const auto meant = own_.ended(!slots_.is_empty(), error, out_->next());
  if (meant == redis_own::end::is_over) stop_reading();
  return meant != redis_own::end::none && wants_flush();
}

void redis_session::flush() {
  is_flush_due_ = false;
  if (is_gone_) return;
  out_->start();
  progress();
}

void redis_session::progress() {
  if (is_working_) return;
  if (slots_.is_empty()) own_.settle();
  if (has_to_wait_ && is_reading_) {
    in_.erase(0, work(in_));
    if (in_.empty()) forget_large(in_);
    out_->start();
  }
  who_->is_idle = is_idle();
  set_deadline();
  wake_.cancel();
}

void redis_session::written(bool is_well) {
  if (!is_well) return let_go();
  set_deadline();
  wake_.cancel();
}

void redis_session::stop_reading() {
  if (!std::exchange(is_reading_, false)) return;
  held_.reset();
  has_to_wait_ = false;
  // Ends the read that is under way, and no write.
  ::shutdown(who_->socket.native_handle(), SHUT_RD);
  wake_.cancel();
}

void redis_session::let_go() {
  if (std::exchange(is_gone_, true)) return;
  is_reading_ = false;
  held_.reset();
  has_to_wait_ = false;
  slots_.clear();
  out_->stop();
  who_->end_operations();
  wake_.cancel();
}

}  // namespace waitstate::sidecar
