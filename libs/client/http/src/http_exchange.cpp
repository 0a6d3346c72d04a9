#include "http_exchange.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/error.hpp>

#include "waitstate/client/internal/one_shot.h"

namespace waitstate::client {
namespace {

constexpr std::size_t read_first = std::size_t{16}
                                   << 10;  // most responses come with one read of this
constexpr std::size_t read_more = std::size_t{64} << 10;
constexpr std::size_t sent_with_head_max = std::size_t{16}
                                           << 10;  // a body that is copied to save a write
constexpr std::size_t written_at_once = std::size_t{256} << 10;  // between looks at an early answer

std::shared_ptr<http_wire> wire_of(connection& over) {
  using kept = std::shared_ptr<http_wire>;
  if (const auto* const known = std::any_cast<kept>(&over.protocol_state())) return *known;
  auto made = std::make_shared<http_wire>();
  made->host = over.remote().is_unix() ? "localhost" : to_string(over.remote());
  made->is_host_fine = is_field_value(made->host);
  over.protocol_state() = made;
  return made;
}

}  // namespace

http_exchange::http_exchange(connection_ptr over, const http_limits& limits,
                             http_response_parser::body kind)
    : over_(std::move(over)), wire_(wire_of(*over_)), parser_(limits, kind) {
  wire_->in.clear();
}

error http_exchange::in_context(error e) const {
  return in_step(fmt::format("server '{}'", to_string(over_->remote())), std::move(e));
}

error http_exchange::why(const boost::system::error_code& code, std::string_view action) const {
  return in_context(over_->why_failed(code, action));
}

bool http_exchange::is_reusable() const {
  return waitstate::client::is_reusable({.request_sent = request_sent_,
                                         .response_done = parser_.is_done(),
                                         .response_keeps = parser_.keeps_connection(),
                                         .we_said_close = says_close_,
                                         .bytes_after = wire_->in.size()});
}

void http_exchange::prepare(const http_request& request, const http_settings& settings,
                            http_head_extras extras, bool is_reused, attempt& facts) {
  const auto framing = framing_of(request);
  has_body_ = framing.is_chunked || framing.length.value_or(0) > 0;
  const bool is_long =
      framing.is_chunked || (settings.expect_continue_from &&
                             framing.length.value_or(0) >= *settings.expect_continue_from);
  expects_continue_ =
      has_body_ && settings.expect_continue_from && is_long && (is_reused || !over_->is_tls());
  extras.expects_continue = expects_continue_;
  says_close_ = extras.says_close;
  auto& out = wire_->out;
  out.clear();
  append_head(out, request, framing, extras);
  head_sent_ = 0;
  facts.bytes_written = false;
}

bool http_exchange::send_at_once(const http_request& request, attempt& facts) {
  if (has_body_ || request.source) return false;
  const auto& head = wire_->out;
  head_sent_ = over_->write_now(head);
  wrote(head_sent_, facts);
  request_sent_ = head_sent_ == head.size();
  return request_sent_;
}

task<> http_exchange::send(const http_request* request, const http_settings* settings,
                           attempt* facts) {
  auto& out = wire_->out;
  auto rest = std::string_view(request->body);
  std::string_view first;
  if (!expects_continue_) first = rest.substr(0, written_at_once);
  rest.remove_prefix(first.size());
  if (first.size() <= sent_with_head_max) out.append(std::exchange(first, {}));
  auto sent = co_await write(std::string_view(out).substr(head_sent_), first, facts);
  if (sent && (request->source || !rest.empty())) {
    const auto wait_max = expects_continue_ ? settings->expect_continue_wait : duration(0);
    sent = co_await send_body(request, rest, wait_max, facts);
  } else if (sent) {
    request_sent_ = true;
  }
  if (!is_broken_ || !facts->bytes_written || !has_body_ || over_->is_shut_down()) co_return sent;
  // The server may have refused the body and closed: its answer says more than the broken pipe.
  if (!parser_.is_header_done()) {
    if (auto answered = co_await read_header(facts); !answered) co_return sent;
  }
  co_return result<>{};
}

task<> http_exchange::send_body(const http_request* request, std::string_view rest,
                                duration wait_max, attempt* facts) {
  if (wait_max > duration(0)) {
    if (auto fine = co_await wait_for_continue(wait_max, facts); !fine) co_return fine;
    if (parser_.is_header_done()) co_return result<>{};
  }
  if (request->source) co_return co_await send_source(request, facts);

  while (!rest.empty()) {
    const auto go_on = co_await may_go_on(facts);
    if (!go_on) co_return failure(go_on.error());
    if (!*go_on) co_return result<>{};
    const auto piece = rest.substr(0, written_at_once);
    if (auto sent = co_await write(piece, {}, facts); !sent) co_return sent;
    rest.remove_prefix(piece.size());
  }
  request_sent_ = true;
  co_return result<>{};
}

task<> http_exchange::send_source(const http_request* request, attempt* facts) {
  const auto framing = framing_of(*request);
  std::uint64_t total = 0;
  for (;;) {
    auto piece = co_await request->source->next();
    if (!piece) co_return failure(in_step("the request's body", std::move(piece).error()));
    total += piece->size();
    if (framing.length &&
        (total > *framing.length || (piece->empty() && total < *framing.length))) {
      co_return failure(
          {.code = errc::invalid_input,
           .what = fmt::format("the request's body: {} {} of the {} bytes announced",
                               piece->empty() ? "ended after" : "is over", total, *framing.length),
           .hint = {}});
    }
    const auto go_on = co_await may_go_on(facts);
    if (!go_on) co_return failure(go_on.error());
    if (!*go_on) {
      // Known to be whole before the source says so: then the answer is no early one.
      request_sent_ = piece->empty() && framing.length.has_value();
      co_return result<>{};
    }
    if (framing.is_chunked) {
      wire_->out.clear();
      append_chunk(wire_->out, *piece);
      if (auto sent = co_await write(wire_->out, {}, facts); !sent) co_return sent;
    } else if (auto sent = co_await write(*piece, {}, facts); !sent) {
      co_return sent;
    }
    if (piece->empty()) break;
  }
  request_sent_ = true;
  co_return result<>{};
}

task<> http_exchange::wait_for_continue(duration wait_max, attempt* facts) {
  const auto until = clock::now() + wait_max;
  while (!parser_.has_seen_continue() && !parser_.is_header_done()) {
    const auto left = until - clock::now();
    if (left <= duration(0) || !co_await is_readable_within(left)) break;
    if (auto fine = co_await read_some(facts); !fine) co_return fine;
  }
  co_return result<>{};
}

task<bool> http_exchange::may_go_on(attempt* facts) {
  // What can be read of a TLS connection may be something else than an answer.
  if (over_->is_tls() || !over_->is_dirty()) co_return true;
  if (auto fine = co_await read_some(facts); !fine) co_return failure(std::move(fine).error());
  co_return !parser_.is_header_done();
}

asio::awaitable<bool> http_exchange::is_readable_within(duration time) {
  const auto told = std::make_shared<one_shot<bool>>(co_await asio::this_coro::executor);
  // When it is too late this wait stays behind, and ends with the next byte or the socket.
  over_->plain().async_wait(asio::socket_base::wait_read,
                            [told](const auto& code) { told->give(!code); });
  const auto said = co_await one_shot<bool>::take(told, clock::now() + time);
  co_return said.value_or(false);
}

task<> http_exchange::write(std::string_view first, std::string_view second, attempt* facts) {
  while (!first.empty() || !second.empty()) {
    const std::array<asio::const_buffer, 2> from{asio::buffer(first), asio::buffer(second)};
    // TLS cannot say how much of a record went out.
    if (over_->is_tls()) facts->bytes_written = true;
    const auto [code, count] = co_await over_->async_write_some(from, as_value);
    wrote(count, *facts);
    if (code) {
      is_broken_ = true;
      co_return failure(why(code, "write"));
    }
    const auto of_first = std::min(count, first.size());
    first.remove_prefix(of_first);
    second.remove_prefix(count - of_first);
  }
  co_return result<>{};
}

void http_exchange::wrote(std::size_t bytes, attempt& facts) {
  if (bytes == 0) return;
  facts.wrote(bytes);
  over_->touch(lately());
}

// What nearly every response is read with has no coroutine of its own for each read.
task<> http_exchange::read_header(attempt* facts) {
  while (!parser_.is_header_done()) {
    const auto [code, count] = co_await over_->async_read_some(room(), as_value_at_once);
    if (auto fine = took(code, count, *facts); !fine) co_return fine;
  }
  co_return result<>{};
}

task<> http_exchange::read_some(attempt* facts) {
  if (parser_.is_done()) co_return result<>{};
  const auto [code, count] = co_await over_->async_read_some(room(), as_value_at_once);
  co_return took(code, count, *facts);
}

boost::beast::flat_buffer::mutable_buffers_type http_exchange::room() {
  return wire_->in.prepare(parser_.is_header_done() ? read_more : read_first);
}

result<> http_exchange::took(const boost::system::error_code& code, std::size_t bytes,
                             attempt& facts) {
  wire_->in.commit(bytes);
  if (bytes > 0) {
    facts.read(bytes);
    over_->touch(lately());
    if (auto fine = parse(); !fine) return fine;
  }
  if (!code) return {};
  // Our own shutdown looks like the server's end from here.
  if (code != asio::error::eof || over_->is_shut_down() || !parser_.has_seen_bytes()) {
    return failure(why(code, "read"));
  }
  if (auto ended = parser_.end_of_stream(); !ended) {
    auto cut = in_context(std::move(ended).error());
    cut.code = errc::reset;
    return failure(std::move(cut));
  }
  return {};
}

result<> http_exchange::parse() {
  const auto bytes = wire_->in.cdata();
  const auto used = parser_.put({static_cast<const char*>(bytes.data()), bytes.size()});
  if (!used) return failure(in_context(used.error()));
  wire_->in.consume(*used);
  return {};
}

}  // namespace waitstate::client
