#include "redis_exchange.h"

#include <algorithm>
#include <any>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/write.hpp>

#include "redis_parser.h"
#include "waitstate/base/text.h"
#include "waitstate/base/words.h"

namespace waitstate::client {
namespace {

constexpr std::size_t told_max = 200;  // of what a server says

/// What a connection keeps between exchanges.
struct stream {
  explicit stream(const redis_limits& limits) : parser(limits) {}

  redis_parser parser;
  std::array<char, std::size_t{16} << 10> bytes{};
};

std::shared_ptr<stream> stream_of(connection& over, const redis_limits& limits) {
  auto& kept = over.protocol_state();
  if (!kept.has_value()) kept = std::make_shared<stream>(limits);
  return std::any_cast<std::shared_ptr<stream>>(kept);
}

error about(const connection& over, error e) {
  return in_step(fmt::format("redis {}", to_string(over.remote())), std::move(e));
}

/// A read or write that failed, with the reason when it is ours.
error ended(const connection& over, const boost::system::error_code& code,
            std::string_view action) {
  return about(over, over.why_failed(code, action));
}

failure too_long(const connection& over, const redis_limits& limits) {
  return failure(about(over, {.code = errc::corrupt,
                              .what = fmt::format("the replies to a pipeline are longer than {}",
                                                  bytes(limits.pipeline_bytes_max)),
                              .hint = "make the pipeline smaller, or raise "
                                      "redis_limits::pipeline_bytes_max"}));
}

task<redis_reply> next_reply(connection_ptr over, std::shared_ptr<stream> in,
                             std::shared_ptr<redis_progress> progress) {
  for (;;) {
    auto next = in->parser.next();
    if (!next) co_return failure(about(*over, std::move(next).error()));
    if (*next) co_return **std::move(next);
    const auto [code, got] =
        co_await over->async_read_some(asio::buffer(in->bytes), as_value_at_once);
    if (code) co_return failure(ended(*over, code, "read"));
    const auto now = clock::now();
    over->touch(now);
    if (progress->bytes_read == 0) {
      progress->first_byte = now;
      if (progress->answer_ends) over->set_deadline(*progress->answer_ends);
    }
    progress->bytes_read += got;
    in->parser.feed({in->bytes.data(), got});
  }
}

result<redis_request> bytes_of(const std::vector<redis_command>& commands) {
  redis_request request{.replies = commands.size()};
  for (const auto& command : commands) {
    if (auto added = append_request(request.bytes, command); !added) {
      return failure(std::move(added).error());
    }
  }
  return request;
}

}  // namespace

result<redis_request_ptr> make_request(const std::vector<redis_command>& commands) {
  if (commands.size() > redis_pipeline_max) {
    return failure(
        {.code = errc::invalid_input,
         .what = fmt::format("redis: a pipeline of {}, {} are the most",
                             counted(commands.size(), "command"), grouped(redis_pipeline_max)),
         .hint = {}});
  }
  auto request = bytes_of(commands);
  if (!request) return failure(std::move(request).error());
  return std::make_shared<const redis_request>(*std::move(request));
}

task<std::vector<redis_reply>> exchange(connection_ptr over, redis_request_ptr what,
                                        redis_limits limits,
                                        std::shared_ptr<redis_progress> progress) {
  std::vector<redis_reply> replies;
  if (what->replies == 0) co_return replies;
  const auto in = stream_of(*over, limits);
  const std::string_view all = what->bytes;
  progress->bytes_written = over->write_now(all);
  if (progress->bytes_written < all.size()) {
    const auto rest = all.substr(progress->bytes_written);
    const auto [code, sent] = co_await asio::async_write(*over, asio::buffer(rest), as_value);
    progress->bytes_written += sent;
    if (code) co_return failure(ended(*over, code, "write"));
  }
  progress->sent = clock::now();
  over->touch(progress->sent);
  while (replies.size() < what->replies) {
    auto next = co_await next_reply(over, in, progress);
    if (!next) {
      auto why = std::move(next).error();
      if (what->replies > 1) {
        why.what += fmt::format(", after {} of {}", grouped(replies.size()),
                                counted(what->replies, "reply", "replies"));
      }
      co_return failure(std::move(why));
    }
    replies.push_back(*std::move(next));
    if (what->replies > 1 && progress->bytes_read > limits.pipeline_bytes_max) {
      co_return too_long(*over, limits);
    }
  }
  co_return replies;
}

task<redis_reply> receive(connection_ptr over, redis_limits limits) {
  const auto in = stream_of(*over, limits);
  const auto progress = std::make_shared<redis_progress>();
  auto got = co_await next_reply(over, in, progress);
  co_return got;
}

bool is_at_boundary(connection& over) {
  if (over.is_shut_down()) return false;
  const auto& kept = over.protocol_state();
  return !kept.has_value() ||
         std::any_cast<const std::shared_ptr<stream>&>(kept)->parser.is_at_boundary();
}

result<redis_request_ptr> greeting(const redis_settings& settings) {
  std::vector<redis_command> commands;
  if (!settings.password.empty()) {
    redis_command auth = {"AUTH"};
    if (!settings.username.empty()) auth.push_back(settings.username);
    auth.push_back(settings.password);
    commands.push_back(std::move(auth));
  }
  if (settings.database != 0) commands.push_back({"SELECT", std::to_string(settings.database)});
  if (!settings.client_name.empty()) {
    commands.push_back({"CLIENT", "SETNAME", settings.client_name});
  }
  auto request = bytes_of(commands);
  if (!request) return failure(std::move(request).error());
  request->secret = settings.password;
  return std::make_shared<const redis_request>(*std::move(request));
}

std::string told_by(const redis_reply& error, std::string_view secret) {
  auto text = error.text;
  for (auto at = text.find(secret); !secret.empty() && at != text.npos;
       at = text.find(secret, at)) {
    text.replace(at, secret.size(), "***");
    at += 3;
  }
  return quotable(text, told_max);
}

task<> greet(connection_ptr over, redis_request_ptr what, redis_limits limits) {
  const auto progress = std::make_shared<redis_progress>();
  auto replies = co_await exchange(over, what, limits, progress);
  if (!replies) co_return failure(std::move(replies).error());
  const auto refused = std::ranges::find_if(*replies, &redis_reply::is_error);
  if (refused == replies->end()) co_return result<>{};
  const auto code = is_refusal(*refused) ? errc::unavailable : errc::permission;
  co_return failure(
      about(*over, {.code = code, .what = told_by(*refused, what->secret), .hint = {}}));
}

}  // namespace waitstate::client
