#include "waitstate/client/http/http_stream.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "http_stream_state.h"

namespace waitstate::client {
namespace {

constexpr std::size_t piece_max = std::size_t{64} << 10;

asio::awaitable<void> drain(std::unique_ptr<http_stream::state> what) {
  auto& parser = what->exchange.parser();
  auto& over = what->exchange.over();
  over.set_deadline(std::min(over.deadline(), clock::now() + what->drain.time_max));
  std::uint64_t drained = 0;
  while (!parser.is_done() && drained <= what->drain.bytes_max) {
    parser.response().body.clear();
    const auto fine = co_await what->exchange.read_some(&what->facts);
    if (!fine) co_return;
    drained += parser.response().body.size();
  }
  what->give_back();
}

}  // namespace

void http_stream::state::give_back() {
  if (!over) return;
  if (!has_failed && exchange.is_reusable()) over.keep();
  over.give_back();
}

http_stream::http_stream() = default;
http_stream::http_stream(std::unique_ptr<state> s) : state_(std::move(s)) {}
http_stream::http_stream(http_stream&& other) noexcept = default;

http_stream& http_stream::operator=(http_stream&& other) noexcept {
  if (this == &other) return *this;
  abandon();
  state_ = std::move(other.state_);
  return *this;
}

http_stream::~http_stream() {
  abandon();
}

void http_stream::abandon() noexcept {
  auto left = std::exchange(state_, nullptr);
  if (!left || !left->over || left->has_failed) return;
  const auto to_come = left->exchange.parser().bytes_to_come();
  if (to_come && *to_come > left->drain.bytes_max) return;
  try {
    const auto executor = left->exchange.over().get_executor();
    asio::co_spawn(executor, drain(std::move(left)), asio::detached);
  } catch (const std::exception&) {
    return;  // Not drained: the lease ends as broken, and the connection is dropped.
  }
}

const http_response& http_stream::head() const {
  return state_->exchange.parser().response();
}

bool http_stream::is_done() const {
  return !state_ || (state_->exchange.parser().is_done() && !state_->has_more_to_decode());
}

result<std::string> http_stream::state::next_piece() {
  auto& body = exchange.parser().response().body;
  if (!decoder) return std::exchange(body, {});
  if (!has_more_to_decode()) {
    coded = std::exchange(body, {});
    coded_at = 0;
  }
  std::string piece;
  while (piece.empty() && has_more_to_decode()) {
    auto rest = std::string_view(coded).substr(coded_at);
    if (auto fine = decoder->put(rest, piece, piece_max); !fine) return failure(fine.error());
    coded_at = coded.size() - rest.size();
  }
  const bool is_over = piece.empty() && exchange.parser().is_done();
  if (is_over) {
    if (auto fine = decoder->end(); !fine) return failure(fine.error());
  }
  return piece;
}

task<std::string> http_stream::read() {
  auto& parser = state_->exchange.parser();
  while (!state_->has_failed) {
    auto piece = state_->next_piece();
    result<> fine;
    if (!piece) fine = failure(piece.error());
    if (piece && (!piece->empty() || parser.is_done())) {
      if (parser.is_done()) state_->give_back();
      co_return *std::move(piece);
    }
    if (fine) fine = co_await state_->exchange.read_some(&state_->facts);
    if (fine) continue;
    state_->has_failed = true;
    if (state_->over) {
      state_->from->report(state_->over->remote(), call_outcome::failed);
      state_->over.give_back();
    }
    auto why = std::move(fine).error();
    why.phase = call_phase::body;
    why.is_sent = true;
    co_return failure(std::move(why));
  }
  co_return failure({.code = errc::unavailable, .what = "http stream: it has failed", .hint = {}});
}

}  // namespace waitstate::client
