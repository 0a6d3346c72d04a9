#include "thrift/thrift_service.h"

#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include "front/access_line.h"
#include "front/linger.h"
#include "thrift/thrift_own_answer.h"
#include "waitstate/client/core/clock.h"

// Each is awaited at once, by a coroutine whose frame has what the references are to.
// NOLINTBEGIN(cppcoreguidelines-avoid-reference-coroutine-parameters)

namespace waitstate::sidecar {
namespace {

using client::clock;
using client::thrift_envelope;
using client::thrift_message_type;

asio::awaitable<bool> write_message(client_connection& who, bool is_framed,
                                    std::string_view message, duration time_max) {
  const auto length = client::thrift_frame_length(static_cast<std::uint32_t>(message.size()));
  const std::array<asio::const_buffer, 2> both{
      asio::buffer(length.data(), is_framed ? length.size() : 0), asio::buffer(message)};
  who.deadline = clock::now() + time_max;
  const auto [code, count] = co_await asio::async_write(who.socket, both, client::as_value);
  who.deadline = time_point::max();
  co_return !code;
}

}  // namespace

/// One call and what became of it.
struct thrift_service::call {
  std::string name;
  std::optional<time_point> began;  ///< Set where somebody wants to know times.
  std::shared_ptr<client::thrift_call_facts> facts;
  std::string_view status;
  std::size_t bytes = 0;  ///< To the client.
  bool is_client_gone = false;
  std::string why;
};

thrift_service::thrift_service(caller over, thrift_service_settings settings, log_file* log)
    : over_(std::move(over)), settings_(std::move(settings)), log_(log) {}

thrift_service::~thrift_service() {
  if (over_.close) over_.close();
}

/// TMultiplexedProtocol says "service:method"; either may be in the file.
bool thrift_service::is_among(const std::set<std::string, std::less<>>& methods,
                              std::string_view name) {
  if (methods.empty()) return false;
  if (methods.contains(name)) return true;
  const auto colon = name.rfind(':');
  return colon != name.npos && methods.contains(name.substr(colon + 1));
}

asio::awaitable<void> thrift_service::serve(client_ptr who) {
  thrift_request_reader from(settings_.message_max);
  for (;;) {
    auto message = from.next();
    if (!message) {
      co_await refuse(*who, from.is_framed(), message.error());
      co_return;
    }
    if (*message) {
      who->is_idle = false;
      if (!co_await serve_one(*who, from.is_framed(), **std::move(message))) co_return;
      continue;
    }
    if (from.is_empty()) {
      who->is_idle = true;
      who->deadline = clock::now() + settings_.client_idle_max;
    } else if (std::exchange(who->is_idle, false) || who->deadline == time_point::max()) {
      // For all of the message: a byte now and then does not make it longer.
      who->deadline = clock::now() + settings_.time_max;
    }
    const auto space = from.space();
    const auto [code, count] = co_await who->socket.async_read_some(
        asio::buffer(space.data(), space.size()), client::as_value);
    if (code == asio::error::eof) who->has_ended = true;
    if (code || count == 0) co_return;
    from.received(count);
  }
}

asio::awaitable<bool> thrift_service::serve_one(client_connection& who, bool is_framed,
                                                std::string message) {
  const auto read = client::read_thrift_envelope(message);
  if (!read) {
    co_await refuse(who, is_framed, read.error());
    co_return false;
  }
  const bool is_call = read->type == thrift_message_type::call;
  if (!is_call && read->type != thrift_message_type::oneway) {
    co_await refuse(who, is_framed, {.code = errc::corrupt, .what = "a message that is no call"});
    co_return false;
  }
  who.deadline = time_point::max();
  ++who.requests;
  call c{.name = std::string(read->name), .facts = std::make_shared<client::thrift_call_facts>()};
  if (log_ != nullptr && *log_) c.began = clock::now();
  auto envelope = *read;
  envelope.name = c.name;
  const bool is_oneway = !is_call || is_among(settings_.oneway, c.name);
  if (is_call && is_oneway) make_oneway(message, envelope);
  const client::call_options options{.deadline = settings_.time_max,
                                     .idempotent = is_among(settings_.idempotent, c.name)};
  auto reply = co_await over_.call->call(std::move(message), options, c.facts);
  if (!reply) {
    c.status = "failed";
    c.why = reply.error().what;
  } else if (is_oneway) {
    c.status = "oneway";
  } else {
    const auto answer = client::read_thrift_envelope(*reply);
    const bool is_reply = answer && answer->type == thrift_message_type::reply;
    c.status = is_reply ? "reply" : "exception";
  }
  // Before the client can ask what was counted.
  count(c);
  if (!is_oneway) {
    const auto own = reply ? std::string() : thrift_own_answer(envelope, c.why);
    const std::string& sent = reply ? *reply : own;
    c.bytes = sent.size();
    c.is_client_gone = !co_await write_message(who, is_framed, sent, settings_.time_max);
  }
  if (c.is_client_gone && reply) ++counts_.drained;
  if (c.began) log_->add(line_of(c, who));
  co_return !c.is_client_gone;
}

/// Generated clients throw what they are told, whatever they have called.
asio::awaitable<void> thrift_service::refuse(client_connection& who, bool is_framed,
                                             const error& why) {
  ++counts_.refused;
  who.is_idle = false;
  const auto told = thrift_own_answer({}, why.hint.empty() ? why.what : why.what + "; " + why.hint);
  if (co_await write_message(who, is_framed, told, settings_.time_max)) co_await linger(who);
}

void thrift_service::count(const call& c) {
  const auto& facts = *c.facts;
  const bool is_answered = c.status != "failed";
  ++counts_.calls;
  if (facts.is_reused) ++counts_.reused;
  if (facts.attempts > 1) counts_.repeated += facts.attempts - 1;
  if (facts.attempts > 1 && is_answered) ++counts_.helped;
  if (c.status == "exception") ++counts_.exceptions;
  if (c.status == "oneway") ++counts_.oneway;
  if (!is_answered) ++counts_.failed;
}

std::string thrift_service::line_of(const call& c, const client_connection& who) const {
  const auto& facts = *c.facts;
  const auto server = facts.attempts > 0 ? std::optional(facts.to) : std::nullopt;
  return access_line({.route = settings_.name,
                      .request = c.name,
                      .status = c.status,
                      .bytes = c.bytes,
                      .took = clock::now() - c.began.value_or(time_point{}),
                      .server = server,
                      .was_reused = facts.is_reused,
                      .tries = facts.attempts,
                      .is_client_gone = c.is_client_gone,
                      .why = c.why},
                     who, std::chrono::system_clock::now());
}

}  // namespace waitstate::sidecar

// NOLINTEND(cppcoreguidelines-avoid-reference-coroutine-parameters)
