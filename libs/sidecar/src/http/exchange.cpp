#include "http/exchange.h"

#include <algorithm>
#include <any>
#include <array>
#include <chrono>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include "waitstate/client/core/clock.h"
#include "waitstate/client/http/http_keep_alive.h"

namespace waitstate::sidecar {
namespace {

using client::attempt;
using client::call_outcome;
using client::task;

/// What of a response is read for a client that has gone, so that the connection can be kept.
constexpr std::uint64_t drained_max = std::uint64_t{1} << 20;
/// Interim responses, one after the other: more are a server that never answers.
constexpr int interim_max = 16;

/// One attempt: what has come from the server and was not used yet, and what is left of the body.
struct relaying {
  exchange& x;
  attempt& made;
  client::connection& server;
  std::size_t begin = 0;
  std::size_t end = 0;
  body_framing body = {};
  chunk_scanner chunks = {};
  std::string unchunked = {};  ///< Of what was taken last, for a client of HTTP/1.0.
  bool is_body_done = false;
  bool has_ended = false;  ///< The server has sent its FIN.
  std::uint64_t drained = 0;

  [[nodiscard]] std::string_view unread() const { return {x.with.in.data() + begin, end - begin}; }
};

error corrupt(const relaying& r, std::string_view why) {
  return {.code = errc::corrupt,
          .what = fmt::format("server '{}': {}", client::to_string(r.server.remote()), why),
          .hint = {}};
}

task<> write_server(relaying* r, std::string_view bytes) {
  while (!bytes.empty()) {
    if (r->server.is_tls())
      r->made.bytes_written = true;  // who knows how much of a record went out
    const auto [code, count] =
        co_await r->server.async_write_some(asio::buffer(bytes), client::as_value);
    if (count > 0) r->made.wrote(count);
    if (code) co_return failure(r->server.why_failed(code, "write"));
    bytes.remove_prefix(count);
  }
  co_return result<>{};
}

task<> read_server(relaying* r) {
  auto& in = r->x.with.in;
  if (r->begin == r->end) r->begin = r->end = 0;
  const auto [code, count] = co_await r->server.async_read_some(
      asio::buffer(in.data() + r->end, in.size() - r->end), client::as_value);
  if (count > 0) r->made.read(count);
  r->end += count;
  r->has_ended = code == asio::error::eof && !r->server.is_shut_down();
  if (code) co_return failure(r->server.why_failed(code, "read"));
  co_return result<>{};
}

/// Sends both to the client, unless it has gone; then they count as drained.
asio::awaitable<void> write_client(relaying* r, std::string_view head, std::string_view body) {
  auto& x = r->x;
  if (x.is_client_gone) {
    r->drained += body.size();
    co_return;
  }
  const std::array<asio::const_buffer, 2> both{asio::buffer(head), asio::buffer(body)};
  x.is_answer_begun = true;
  auto [code, count] = co_await x.who.socket.async_write_some(both, client::as_value);
  if (!code && count < head.size() + body.size()) {
    // The client does not take it all at once: from here on it has to be waited for.
    x.who.deadline = client::clock::now() + x.time_max;
    const auto in_head = std::min(count, head.size());
    const std::array<asio::const_buffer, 2> rest{asio::buffer(head.substr(in_head)),
                                                 asio::buffer(body.substr(count - in_head))};
    const auto [failed, more] = co_await asio::async_write(x.who.socket, rest, client::as_value);
    x.who.deadline = time_point::max();
    code = failed;
    count += more;
  }
  x.bytes_to_client += count;
  if (code) x.is_client_gone = true;
}

/// How many of the bytes belong to the request's body.
std::size_t take_of_request(exchange& x, std::string_view bytes) {
  if (x.body.end == body_end::chunked) return x.chunks.take(bytes);
  const auto taken = std::min<std::uint64_t>(x.body.length, bytes.size());
  x.body.length -= taken;
  return static_cast<std::size_t>(taken);
}

bool is_request_over(const exchange& x) {
  return x.body.end == body_end::chunked ? x.chunks.is_done() : x.body.length == 0;
}

/// It is the client's doing, and says nothing about the server.
failure broken_off(relaying* r, std::string_view why) {
  r->made.outcome = call_outcome::unknown;
  return failure({.code = errc::cancelled, .what = std::string(why), .hint = {}});
}

/// Sends what of the body comes from the client, piece by piece, until the server answers.
task<> stream_request(relaying* r) {
  auto& x = r->x;
  constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  while (!is_request_over(x)) {
    if (x.from.unread().empty()) {
      if (std::exchange(x.wants_continue, false)) {
        const auto [failed, sent] =
            co_await asio::async_write(x.who.socket, asio::buffer(go_on), client::as_value);
        if (failed) x.is_client_gone = true;
      }
      const auto until = client::clock::now() + x.time_max;
      x.who.deadline = until;
      r->server.set_deadline(until);
      const auto came = co_await x.from.read_more();
      x.who.deadline = time_point::max();
      if (came != client_bytes::read_outcome::some) {
        x.is_client_gone = true;
        co_return broken_off(r, "the client went away in the middle of its request");
      }
    }
    const auto bytes = x.from.unread();
    const auto taken = take_of_request(x, bytes);
    if (taken == 0) {
      x.refused = x.chunks.refused();
      co_return broken_off(r, x.refused);
    }
    auto sent = co_await write_server(r, bytes.substr(0, taken));
    x.from.use(taken);
    if (!sent) co_return sent;
    if (!is_request_over(x) && r->server.is_dirty()) co_return result<>{};
  }
  x.is_request_sent = true;
  co_return result<>{};
}

task<> send_request(relaying* r) {
  auto sent = co_await write_server(r, r->x.with.request);
  if (sent && !r->x.is_whole) co_return co_await stream_request(r);
  r->x.is_request_sent = sent.has_value();
  co_return sent;
}

/// Reads up to the head of the final response; what comes before it is for the client, too, but for
/// 100, which was answered here.
task<> read_head(relaying* r, response_head* head) {
  auto& x = r->x;
  constexpr int switching = 101;
  for (int interim = 0;;) {
    head_refusal why;
    const auto state = r->begin == r->end ? parse_state::incomplete
                                          : parse_response_head(r->unread(), x.method, *head, why);
    if (state == parse_state::refused) co_return failure(corrupt(*r, why.why));
    if (state == parse_state::incomplete) {
      if (r->end == x.with.in.size()) co_return failure(corrupt(*r, "a head without an end"));
      if (auto read = co_await read_server(r); !read) co_return read;
      continue;
    }
    if (head->status >= 200 || head->status == switching) co_return result<>{};
    if (++interim > interim_max) co_return failure(corrupt(*r, "no end of interim responses"));
    if (head->status > switching && x.client.minor_version > 0) {
      auto& out = x.with.response;
      out.clear();
      append_response_head(out, *head, {}, {});
      out += "\r\n";
      co_await write_client(r, out, {});
      // What follows may still fail and be asked elsewhere: no final answer has begun.
      x.is_answer_begun = false;
    }
    r->begin += head->size;
  }
}

bool is_unchunked(const relaying& r) {
  return r.body.end == body_end::chunked && r.x.client.minor_version == 0;
}

/// The part of the bytes that belongs to the response's body.
std::size_t take_of_response(relaying* r, std::string_view bytes) {
  switch (r->body.end) {
    case body_end::none: return 0;
    case body_end::close: return bytes.size();
    case body_end::chunked: {
      r->unchunked.clear();
      const auto taken = r->chunks.take(bytes, is_unchunked(*r) ? &r->unchunked : nullptr);
      r->is_body_done = r->chunks.is_done();
      return taken;
    }
    case body_end::length: break;
  }
  const auto taken = std::min<std::uint64_t>(r->body.length, bytes.size());
  r->body.length -= taken;
  r->is_body_done = r->body.length == 0;
  return static_cast<std::size_t>(taken);
}

/// Sends what of the body there is behind `head`, and all that follows.
task<> relay_body(relaying* r, std::string_view head) {
  auto& x = r->x;
  for (bool is_first = true;; is_first = false) {
    const auto bytes = r->unread();
    const auto taken = take_of_response(r, bytes);
    if (taken == 0 && !bytes.empty() && !r->is_body_done) {
      co_return failure(corrupt(*r, r->chunks.refused()));
    }
    r->begin += taken;
    const auto piece = is_unchunked(*r) ? std::string_view(r->unchunked) : bytes.substr(0, taken);
    if (is_first || !piece.empty()) {
      co_await write_client(r, is_first ? head : std::string_view(), piece);
    }
    if (r->is_body_done) co_return result<>{};
    if (r->drained > drained_max) {
      x.irregular = "the client went away";
      co_return result<>{};
    }
    r->server.set_deadline(client::clock::now() + x.time_max);
    auto read = co_await read_server(r);
    if (read) continue;
    if (r->has_ended && r->body.end == body_end::close) co_return result<>{};
    co_return read;
  }
}

bool opens_tunnel(const exchange& x, const response_head& head) {
  if (!x.wants_tunnel) return false;
  return x.method == "CONNECT" ? head.status / 100 == 2 : head.status == 101;
}

void take_notice(relaying* r, const response_head& head) {
  r->x.status = head.status;
  if (r->made.record != nullptr) r->made.record->status = head.status;
  if (head.status >= 502 && head.status <= 504) r->made.outcome = call_outcome::failed;
  if (head.keep_alive.empty()) return;
  const auto limit = client::keep_alive_timeout(head.keep_alive);
  auto& known = r->server.protocol_state();
  const auto* const before = std::any_cast<std::chrono::seconds>(&known);
  if (!limit || (before != nullptr && *before == *limit)) return;
  known = *limit;
  r->x.servers.learn_idle_limit(r->server.remote(), *limit);
}

/// Why the server's connection cannot serve another request; empty when it can.
std::string_view why_not_kept(const relaying& r, const response_head& head) {
  if (!r.x.is_request_sent) return "answered before the request was over";
  if (!head.keeps_open) return "the server says that it closes";
  if (head.body.end == body_end::close) return "a body that ends with the connection";
  if (!r.unread().empty()) return "bytes after the response";
  return {};
}

/// RFC 9209: who was asked, and how.
void append_explanation(std::string& to, const exchange& x) {
  const auto server = x.server ? client::to_string(*x.server) : std::string();
  fmt::format_to(
      std::back_inserter(to),
      "Proxy-Status: waitstate; next-hop=\"{}\"; details=\"{} connection, attempt {}\"\r\n", server,
      x.was_reused ? "kept" : "new", x.attempts);
}

}  // namespace

task<> relay(exchange* x, attempt* made) {
  relaying r{.x = *x, .made = *made, .server = **made->over};
  made->bytes_written = false;
  // However it ends: a reset of a connection with nothing unread or unsent leaves no TIME-WAIT
  // here.
  r.server.close_with(client::close_how::reset);
  ++x->attempts;
  if (x->began) x->waited = client::clock::now() - *x->began;
  x->was_reused = made->over->is_reused();
  x->server = r.server.remote();
  x->is_request_sent = false;
  auto sent = co_await send_request(&r);
  // The server may have refused the body and closed: its answer says more than the broken pipe.
  const bool is_ours_to_end = x->is_client_gone || !x->refused.empty();
  if (!sent && (!made->bytes_written || is_ours_to_end)) co_return sent;
  response_head head;
  auto read = co_await read_head(&r, &head);
  if (!read) co_return sent ? std::move(read) : std::move(sent);
  take_notice(&r, head);
  const bool is_tunnel = opens_tunnel(*x, head);
  if (head.status == 101 && !is_tunnel)
    co_return failure(corrupt(r, "an upgrade nobody asked for"));
  r.body = head.body;
  r.is_body_done = head.body.end == body_end::none ||
                   (head.body.end == body_end::length && head.body.length == 0);
  x->client.opens_tunnel = is_tunnel;
  // Towards HTTP/1.0 there are no chunks: the end of such a body is that of the connection.
  const auto framing = is_unchunked(r) ? body_framing{.end = body_end::close} : head.body;
  if (!x->is_request_sent || framing.end == body_end::close) x->client.keeps_open = false;
  auto& out = x->with.response;
  out.clear();
  append_response_head(out, head, framing, x->client);
  if (x->explain) append_explanation(out, *x);
  out += "\r\n";
  r.begin += head.size;
  if (is_tunnel) {
    co_await write_client(&r, out, r.unread());
    x->tunnel = std::move(*made->over);
    co_return result<>{};
  }
  auto relayed = co_await relay_body(&r, out);
  if (!relayed) co_return relayed;
  const auto irregular = why_not_kept(r, head);
  if (irregular.empty() && x->irregular.empty()) {
    made->over->keep();
  } else if (x->irregular.empty()) {
    x->irregular = irregular;
  }
  co_return result<>{};
}

}  // namespace waitstate::sidecar
