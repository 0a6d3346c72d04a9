#include "http/http_service.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "front/access_line.h"
#include "front/linger.h"
#include "http/own_answer.h"
#include "tcp/tunnel.h"
#include "waitstate/client/core/clock.h"

// Each is awaited at once, by a coroutine whose frame has what the references are to.
// NOLINTBEGIN(cppcoreguidelines-avoid-reference-coroutine-parameters)

namespace waitstate::sidecar {
namespace {

using client::clock;

/// A body up to this is read before a server is asked, so that a slow client holds no connection
/// and the request can be sent again.
constexpr std::uint64_t whole_body_max = std::uint64_t{32} << 10;

constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

asio::awaitable<bool> write_all(client_connection& who, std::string_view bytes, duration time_max) {
  const auto before = std::exchange(who.deadline, clock::now() + time_max);
  const auto [code, count] =
      co_await asio::async_write(who.socket, asio::buffer(bytes), client::as_value);
  who.deadline = before;
  co_return !code;
}

/// Of an exchange that has begun to be timed.
std::string line_of(const exchange& x, std::string_view route, std::string_view request) {
  const auto status = std::to_string(x.status);
  return access_line({.route = route,
                      .request = request,
                      .status = status,
                      .bytes = x.bytes_to_client,
                      .took = clock::now() - x.began.value_or(time_point{}),
                      .waited = x.waited,
                      .server = x.server,
                      .was_reused = x.was_reused,
                      .tries = x.attempts,
                      .is_client_gone = x.is_client_gone,
                      .why = x.irregular},
                     x.who, std::chrono::system_clock::now());
}

}  // namespace

asio::awaitable<void> http_service::serve(client_ptr who) {
  client_bytes from(*who);
  auto then = next::request;
  while (then == next::request) {
    if (from.unread().empty()) {
      // Here and not in serve_one(): a client that is idle holds its bytes and nothing else.
      who->is_idle = true;
      who->deadline = clock::now() + settings_.client_idle_max;
      if (co_await from.read_more() != client_bytes::read_outcome::some) co_return;
      who->is_idle = false;
    }
    then = co_await serve_one(*who, from);
  }
  if (then == next::linger) co_await linger(*who);
}

asio::awaitable<http_service::next> http_service::serve_one(client_connection& who,
                                                            client_bytes& from) {
  request_head head;
  head_refusal why;
  for (;;) {
    const auto state = parse_request_head(from.unread(), head, why);
    if (state == parse_state::complete) break;
    if (state == parse_state::refused) co_return co_await refuse(who, why);
    if (who.deadline == time_point::max()) {
      who.deadline = clock::now() + settings_.client_idle_max;
    }
    const auto came = co_await from.read_more();
    if (came == client_bytes::read_outcome::end) co_return next::close;
    if (came == client_bytes::read_outcome::full) {
      co_return co_await refuse(who, {.status = 431, .why = "the head is too long"});
    }
  }
  who.is_idle = false;
  who.deadline = time_point::max();
  ++who.requests;
  const auto with = scratches_.lend();
  exchange x{.who = who,
             .from = from,
             .with = *with,
             .servers = *over_,
             .time_max = settings_.time_max,
             .explain = settings_.explain};
  std::string request_line;
  if (log_ != nullptr && *log_) {
    x.began = clock::now();
    request_line.append(head.method).append(" ").append(head.target);
  }
  take_over(x, head);
  from.use(head.size);
  const auto then = co_await answer(x);
  from.shrink();
  count(x);
  if (x.began) {
    log_->add(line_of(x, settings_.name, request_line));
  }
  if (x.tunnel) {
    ++counts_.tunnels;
    who.pinned = client::to_string(x.tunnel->remote());
    // What the client sent behind its request was for the tunnel.
    std::string first(from.unread());
    co_await run_tunnel(&who, x.tunnel.shared(), {.idle_max = settings_.pinned_idle_max},
                        std::move(first));
    co_return next::close;
  }
  co_return then;
}

/// What has to be known of the request when the bytes of its head are gone.
void http_service::take_over(exchange& x, const request_head& head) const {
  x.method = head.method;
  x.is_idempotent = head.is_idempotent;
  x.body = head.body;
  x.wants_continue = head.expects_continue;
  x.wants_tunnel =
      head.method == "CONNECT" || (!head.upgrade.empty() && head.body.end == body_end::none);
  x.client = {.minor_version = head.minor_version, .keeps_open = head.keeps_open && !is_draining_};
  x.with.request.clear();
  const bool replaces_host =
      settings_.forces_host ||
      std::ranges::find(settings_.own_hosts, head.host) != settings_.own_hosts.end();
  append_request_head(x.with.request, head, settings_.host, replaces_host, x.wants_tunnel);
}

/// Takes what of the body there is, and waits for all of one that is short. False when the client
/// ended, or sent what is none; `why` says the latter.
asio::awaitable<bool> http_service::collect_body(exchange& x, head_refusal& why) {
  if (x.body.end == body_end::none) co_return true;
  const bool is_short = x.body.end == body_end::length && x.body.length <= whole_body_max;
  // For all of it: a byte now and then does not make it longer.
  if (is_short) x.who.deadline = clock::now() + x.time_max;
  while (is_short && x.from.unread().size() < x.body.length) {
    if (x.from.unread().empty() && std::exchange(x.wants_continue, false) &&
        !co_await write_all(x.who, go_on, x.time_max)) {
      co_return false;
    }
    if (co_await x.from.read_more() != client_bytes::read_outcome::some) co_return false;
  }
  x.who.deadline = time_point::max();
  const auto bytes = x.from.unread();
  std::size_t taken = 0;
  if (x.body.end == body_end::chunked) {
    taken = x.chunks.take(bytes);
    if (!x.chunks.refused().empty()) {
      why = {.status = 400, .why = x.chunks.refused()};
      co_return false;
    }
    x.is_whole = x.chunks.is_done();
  } else {
    taken = static_cast<std::size_t>(std::min<std::uint64_t>(x.body.length, bytes.size()));
    x.body.length -= taken;
    x.is_whole = x.body.length == 0;
  }
  x.with.request.append(bytes.substr(0, taken));
  x.from.use(taken);
  co_return true;
}

asio::awaitable<http_service::next> http_service::answer(exchange& x) {
  head_refusal wrong;
  if (!co_await collect_body(x, wrong)) {
    if (wrong.why.empty()) {
      x.is_client_gone = true;
      co_return next::close;
    }
    co_return co_await refuse(x.who, wrong);
  }
  const client::call_options options{
      .deadline = settings_.time_max,
      .idempotent = x.is_idempotent,
      .replayable = x.is_whole,
      .title = {.protocol = "http", .method = x.method, .target = {}}};
  std::function<client::task<>(client::attempt*)> operation = [&x](client::attempt* made) {
    return relay(&x, made);
  };
  const auto done = co_await over_->call<void>(options, std::move(operation));
  if (!done && !x.refused.empty() && !x.is_answer_begun) {
    co_return co_await refuse(x.who, {.status = 400, .why = x.refused});
  }
  if (!done) co_return co_await answer_failure(x, done.error());
  if (x.is_client_gone) co_return next::close;
  if (x.client.keeps_open || x.tunnel) co_return next::request;
  co_return x.is_request_sent&& x.from.unread().empty() ? next::close : next::linger;
}

asio::awaitable<http_service::next> http_service::answer_failure(exchange& x, const error& why) {
  if (x.is_client_gone) co_return next::close;
  if (x.is_answer_begun) {
    // The client must not take what it has for the whole: a reset tells it so in any framing.
    ++counts_.broken_off;
    boost::system::error_code ignored;
    std::ignore = x.who.socket.set_option(asio::socket_base::linger(true, 0), ignored);
    co_return next::close;
  }
  const bool is_over = x.is_whole;
  if (!is_over) x.client.keeps_open = false;
  const auto what = answer_to(why);
  x.status = what.status;
  x.irregular = why.what;
  auto& out = x.with.response;
  out.clear();
  append_own_response(out, what, x.client, x.method == "HEAD");
  ++counts_.own;
  if (!co_await write_all(x.who, out, x.time_max)) co_return next::close;
  if (x.client.keeps_open) co_return next::request;
  co_return is_over ? next::close : next::linger;
}

asio::awaitable<http_service::next> http_service::refuse(client_connection& who,
                                                         const head_refusal& why) {
  ++counts_.own;
  ++counts_.refused;
  who.is_idle = false;
  std::string out;
  append_own_response(out, {.status = why.status, .kind = "http_request_error", .why = why.why},
                      {.keeps_open = false}, false);
  if (!co_await write_all(who, out, settings_.time_max)) co_return next::close;
  co_return next::linger;
}

void http_service::count(const exchange& x) {
  auto& c = counts_;
  ++c.requests;
  if (x.attempts > 1) c.repeated += x.attempts - 1;
  c.bytes_to_clients += x.bytes_to_client;
  if (x.is_client_gone) ++c.clients_gone;
  if (!x.is_answer_begun) return;
  if (x.was_reused) ++c.reused;
  if (x.attempts > 1) ++c.helped;
  const auto kind = static_cast<std::size_t>(x.status / 100);
  ++c.by_class.at(kind < c.by_class.size() ? kind : 0);
  if (!x.irregular.empty()) ++c.irregular;
  if (x.is_client_gone && x.irregular.empty()) ++c.drained;
}

}  // namespace waitstate::sidecar

// NOLINTEND(cppcoreguidelines-avoid-reference-coroutine-parameters)
