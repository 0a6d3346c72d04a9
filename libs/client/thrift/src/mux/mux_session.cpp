#include "mux/mux_session.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/text.h"

namespace waitstate::client {
namespace {

constexpr std::size_t fragmented_max = 4;  // messages
constexpr std::uint64_t lease_max_ms = std::uint64_t{365} * 24 * 3600 * 1000;

failure broken(errc code, std::string why) {
  return failure({.code = code, .what = fmt::format("mux: {}", why), .hint = {}});
}

bool is_reply(mux_type type) {
  return type == mux_type::rdispatch || type == mux_type::rreq || type == mux_type::rdiscarded ||
         type == mux_type::rerr;
}

}  // namespace

mux_session::mux_session(const mux_session_limits& limits, time_point now)
    : limits_(limits), next_ping_(now + limits.ping_every) {}

bool mux_session::may_dispatch(time_point now) const {
  return !is_draining_ && calls_.size() < limits_.outstanding_max &&
         (!free_tags_.empty() || next_tag_ <= mux_tag_max) &&
         (!leased_until_ || now < *leased_until_);
}

std::uint32_t mux_session::dispatch() {
  assert(!free_tags_.empty() || next_tag_ <= mux_tag_max);
  std::uint32_t tag = 0;
  if (free_tags_.empty()) {
    tag = next_tag_++;
  } else {
    tag = free_tags_.back();
    free_tags_.pop_back();
  }
  calls_.emplace(tag, call());
  return tag;
}

std::optional<mux_message> mux_session::discard(std::uint32_t tag, std::string_view why) {
  const auto found = calls_.find(tag);
  if (found == calls_.end() || found->second.is_discarded) return {};
  found->second.is_discarded = true;
  fragments_bytes_ -= std::exchange(found->second.fragments, {}).size();
  if (++discarded_ > limits_.outstanding_max / 2) drain();
  return mux_message{
      .type = mux_type::tdiscarded, .tag = 0, .body = std::string(why), .discarded = tag};
}

result<mux_session::received> mux_session::receive(std::string_view frame, time_point now) {
  const auto read = read_mux_frame(frame);
  if (!read) return failure(read.error());
  if (is_reply(read->type)) return receive_reply(*read);
  const auto message = read_mux_message(read->type, read->tag, read->body);
  if (!message) return failure(message.error());
  return receive_control(*message, now);
}

result<mux_session::received> mux_session::receive_reply(const mux_frame& frame) {
  const auto found = calls_.find(frame.tag);
  if (found == calls_.end()) {
    return broken(errc::corrupt, fmt::format("a reply to call {}, which there is not", frame.tag));
  }
  auto& fragments = found->second.fragments;
  if (fragments.size() + frame.body.size() > limits_.message_max) {
    return broken(errc::corrupt,
                  fmt::format("a reply over the limit of {} B", grouped(limits_.message_max)));
  }
  if (frame.has_more) {
    if (!found->second.is_discarded) return keep_fragment(fragments, frame.body);
    return received();
  }
  const bool is_discarded = found->second.is_discarded;
  if (is_discarded) --discarded_;
  const auto whole = std::move(fragments);
  fragments_bytes_ -= whole.size();
  calls_.erase(found);
  free_tags_.push_back(frame.tag);
  if (is_discarded) {
    return received{.reply = mux_message{.type = frame.type, .tag = frame.tag},
                    .is_discarded = true};
  }
  auto reply = read_mux_message(frame.type, frame.tag,
                                whole.empty() ? frame.body : whole + std::string(frame.body));
  if (!reply) return failure(std::move(reply).error());
  return received{.reply = *std::move(reply)};
}

result<mux_session::received> mux_session::keep_fragment(std::string& to, std::string_view body) {
  const auto most = fragmented_max * limits_.message_max;
  if (fragments_bytes_ + body.size() > most) {
    return broken(errc::corrupt,
                  fmt::format("fragments of replies over the limit of {} B", grouped(most)));
  }
  to += body;
  fragments_bytes_ += body.size();
  return received();
}

result<mux_session::received> mux_session::receive_control(const mux_message& m, time_point now) {
  received got;
  switch (m.type) {
    case mux_type::tping:
      got.answer = mux_message{.type = mux_type::rping, .tag = m.tag};
      return got;
    case mux_type::rping: pong_before_.reset(); return got;
    case mux_type::tdrain:
      is_draining_ = true;
      got.answer = mux_message{.type = mux_type::rdrain, .tag = m.tag};
      return got;
    case mux_type::tlease:
      leased_until_ = now + std::chrono::milliseconds(std::min(m.lease_ms, lease_max_ms));
      return got;
    case mux_type::rinit: return got;
    default:
      return broken(errc::corrupt, fmt::format("a message of type {}, which servers do not send",
                                               static_cast<int>(m.type)));
  }
}

result<std::optional<mux_message>> mux_session::tick(time_point now) {
  if (limits_.ping_every.count() == 0) return std::nullopt;
  if (pong_before_ && now >= *pong_before_) {
    return broken(errc::timed_out,
                  fmt::format("no answer to a ping for {}",
                              elapsed(std::chrono::duration_cast<std::chrono::milliseconds>(
                                  limits_.ping_answer_max))));
  }
  if (now < next_ping_ || pong_before_) return std::nullopt;
  next_ping_ = now + limits_.ping_every;
  pong_before_ = now + limits_.ping_answer_max;
  return mux_message{.type = mux_type::tping, .tag = mux_ping_tag};
}

time_point mux_session::next_tick() const {
  if (limits_.ping_every.count() == 0) return time_point::max();
  return pong_before_ ? *pong_before_ : next_ping_;
}

}  // namespace waitstate::client
