#include "waitstate/client/thrift/thrift_channel.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/write.hpp>

#include "thrift_greeting.h"
#include "waitstate/base/text.h"
#include "waitstate/base/words.h"
#include "waitstate/client/thrift/thrift_message.h"

namespace waitstate::client {
namespace {

error at(const connection& c, error why) {
  if (auto ended = c.why_shut_down()) why = *std::move(ended);
  return in_step(fmt::format("thrift: {}", to_string(c.remote())), std::move(why));
}

failure corrupt(std::string what) {
  return failure({.code = errc::corrupt, .what = std::move(what), .hint = {}});
}

/// Is this what a oneway message on this connection was answered with, which nobody waits for?
bool is_late(const thrift_connection& state, const thrift_envelope& reply) {
  return std::ranges::find(state.oneways, reply.seqid) != state.oneways.end();
}

/// TMultiplexedProtocol calls "service:method", and servers answer "method".
bool is_name_of(std::string_view called, std::string_view answered) {
  if (called == answered) return true;
  return !answered.empty() && called.ends_with(answered) &&
         called[called.size() - answered.size() - 1] == ':';
}

/// What of these pieces comes after the first bytes.
std::string bytes_after(std::size_t first, std::span<const asio::const_buffer> pieces) {
  std::string all;
  for (const auto& piece : pieces) {
    all.append(static_cast<const char*>(piece.data()), piece.size());
  }
  return all.substr(first);
}

task<std::string> read_frame(attempt* a, thrift_frame_reader* reader) {
  auto& over = **a->over;
  for (;;) {
    auto frame = reader->next();
    if (!frame) co_return failure(std::move(frame).error());
    if (*frame) co_return **std::move(frame);
    const auto space = reader->space();
    const auto [code, got] =
        co_await over.async_read_some(asio::buffer(space.data(), space.size()), as_value_at_once);
    if (code) co_return failure(from_code(code, "read the reply"));
    reader->received(got);
    a->read(got);
    over.touch(lately());
  }
}

result<std::string> without_header(std::string frame, bool is_upgraded) {
  if (!is_upgraded) return frame;
  const auto header = skip_twitter_response_header(frame);
  if (!header) return failure(header.error());
  frame.erase(0, *header);
  return frame;
}

result<> check(const thrift_envelope& reply, const thrift_envelope& call) {
  if (reply.type != thrift_message_type::reply && reply.type != thrift_message_type::exception) {
    return corrupt("the reply is a message of another type");
  }
  if (reply.seqid != call.seqid) {
    return corrupt(fmt::format("the reply is to message {}, not to {}", reply.seqid, call.seqid));
  }
  if (!is_name_of(call.name, reply.name)) {
    return corrupt(fmt::format("the reply is to '{}', not to '{}'", quotable(reply.name),
                               quotable(call.name)));
  }
  return {};
}

/// The reply to `call`, as it went over the wire. Keeps the connection when there is nothing behind
/// it.
task<std::string> read_reply(attempt* a, thrift_envelope call, std::uint32_t frame_max) {
  auto& state = thrift_state(**a->over);
  thrift_frame_reader reader(frame_max);
  for (;;) {
    auto frame = co_await read_frame(a, &reader);
    if (!frame) co_return frame;
    auto message = without_header(*std::move(frame), state.is_upgraded);
    if (!message) co_return message;
    // A header and nothing else, which a oneway message was answered with.
    if (message->empty() && !state.oneways.empty()) continue;
    const auto read = read_thrift_envelope(*message);
    if (!read) co_return failure(read.error());
    if (is_late(state, *read)) continue;
    if (auto fits = check(*read, call); !fits) co_return failure(std::move(fits).error());
    state.oneways.clear();
    if (reader.is_at_boundary()) a->over->keep();
    co_return message;
  }
}

/// With the number that the caller gave it; says what an exception tells of the server.
std::string give_caller(std::string reply, std::int32_t seqid, attempt* a) {
  const auto read = read_thrift_envelope(reply);
  if (read->type == thrift_message_type::exception) {
    const auto why = read_thrift_exception(reply, *read);
    a->outcome = why && !why->is_server_failure() ? call_outcome::ok : call_outcome::failed;
  }
  set_thrift_seqid(reply, *read, seqid);
  return reply;
}

}  // namespace

struct thrift_channel::request {
  std::string message;
  thrift_envelope envelope;  // as it goes over the wire; its name is a view into the message
  std::int32_t callers_seqid = 0;
  bool is_own_seqid = false;
  std::shared_ptr<thrift_call_facts> facts;
};

thrift_channel::thrift_channel(std::shared_ptr<cluster> over, thrift_settings settings)
    : over_(std::move(over)), settings_(std::move(settings)), random_(system_random()) {}

std::shared_ptr<thrift_channel> thrift_channel::make(std::shared_ptr<cluster> over,
                                                     thrift_settings settings) {
  return std::shared_ptr<thrift_channel>(new thrift_channel(std::move(over), std::move(settings)));
}

std::int32_t thrift_channel::next_seqid() {
  return static_cast<std::int32_t>(++seqid_);
}

std::string thrift_channel::header(time_point deadline, const call_record* told) {
  twitter_request_header made{.client_id = settings_.client_id, .dest = settings_.dest};
  {
    const std::scoped_lock held(lock_);
    made.trace_id = static_cast<std::int64_t>(random_());
  }
  made.span_id = made.trace_id;
  if (settings_.send_deadline && deadline != time_point::max()) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    made.contexts.push_back(twitter_deadline(now, now + (deadline - clock::now())));
  }
  if (told != nullptr) {
    for (const auto& added : told->fields) made.contexts.push_back({added.name, added.value});
  }
  if (settings_.fill_header) settings_.fill_header(made);
  std::string written;
  append_twitter_request_header(written, made);
  return written;
}

error thrift_channel::too_large(std::size_t size) const {
  return {.code = errc::invalid_input,
          .what = fmt::format("thrift: a call of {} B, over the limit of {} B", grouped(size),
                              grouped(settings_.frame_max)),
          .hint = "raise thrift_settings::frame_max, and the server's limit"};
}

task<std::string> thrift_channel::call(std::string message, call_options options,
                                       std::shared_ptr<thrift_call_facts> facts) {
  const auto self = shared_from_this();
  const auto read = read_thrift_envelope(message);
  if (!read) co_return failure(read.error());
  if (read->type != thrift_message_type::call && read->type != thrift_message_type::oneway) {
    co_return failure({.code = errc::invalid_input,
                       .what = "thrift: only messages of type call and oneway can be sent",
                       .hint = {}});
  }
  if (message.size() > settings_.frame_max) co_return failure(too_large(message.size()));
  const auto sent = std::make_shared<request>();
  sent->callers_seqid = read->seqid;
  const auto own = settings_.own_seqids ? next_seqid() : 0;
  sent->is_own_seqid = settings_.own_seqids && set_thrift_seqid(message, *read, own);
  sent->message = std::move(message);
  sent->envelope = *read_thrift_envelope(sent->message);
  sent->facts = std::move(facts);
  options.may_run_twice = true;
  options.title = {.protocol = "thrift", .method = sent->envelope.name, .target = {}};
  const std::function<task<std::string>(attempt*)> once = [self, sent](attempt* a) {
    return attempt_once(self, sent, a);
  };
  co_return co_await over_->call<std::string>(options, once);
}

task<std::string> thrift_channel::attempt_once(std::shared_ptr<thrift_channel> self,
                                               std::shared_ptr<request> sent, attempt* a) {
  auto& over = **a->over;
  auto& state = thrift_state(over);
  if (sent->facts) {
    sent->facts->attempts = a->number;
    sent->facts->to = over.remote();
    sent->facts->is_reused = a->over->is_reused();
  }
  a->bytes_written = false;
  const auto header = state.is_upgraded ? self->header(a->deadline, a->record) : std::string();
  const auto size = header.size() + sent->message.size();
  if (size > self->settings_.frame_max) {
    a->outcome = call_outcome::unknown;
    co_return failure(self->too_large(size));
  }
  const auto length = thrift_frame_length(static_cast<std::uint32_t>(size));
  const std::array<asio::const_buffer, 3> parts{asio::buffer(length), asio::buffer(header),
                                                asio::buffer(sent->message)};
  const auto written = over.write_now(parts);
  a->wrote(written);
  over.touch(lately());
  if (written < length.size() + size) {
    // Over TLS nothing went out, and nothing is copied.
    const auto rest = written > 0 ? bytes_after(written, parts) : std::string();
    std::array<asio::const_buffer, 3> left{asio::buffer(rest)};
    if (written == 0) left = parts;
    const auto [unsent, more] = co_await asio::async_write(over, left, as_value);
    a->wrote(more);
    if (unsent) co_return failure(at(over, from_code(unsent, "send the call")));
  }
  if (sent->envelope.type == thrift_message_type::oneway) {
    // A late answer can be told from the next call's by its number only.
    if (!sent->is_own_seqid) co_return std::string();
    state.oneways.push_back(sent->envelope.seqid);
    if (state.oneways.size() > state.oneways_max) state.oneways.pop_front();
    a->over->keep();
    co_return std::string();
  }
  auto reply = co_await read_reply(a, sent->envelope, self->settings_.frame_max);
  if (!reply) co_return failure(at(over, std::move(reply).error()));
  co_return give_caller(*std::move(reply), sent->callers_seqid, a);
}

}  // namespace waitstate::client
