#include "redis/redis_greeting.h"

#include <any>
#include <array>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/write.hpp>

#include "redis/resp_reply_scanner.h"

namespace waitstate::sidecar {
namespace {

using client::as_value;
using client::connection_ptr;
using client::task;
namespace asio = client::asio;

constexpr std::size_t reply_max = std::size_t{64} << 10;

failure bad_reply(std::string_view why) {
  return failure({.code = errc::corrupt, .what = fmt::format("greeting: {}", why), .hint = {}});
}

/// Sends one request and waits for its reply.
task<std::string> ask(connection_ptr over, std::string request) {
  const auto [code, sent] = co_await asio::async_write(*over, asio::buffer(request), as_value);
  if (code) co_return failure(over->why_failed(code, "greet"));
  resp_reply_scanner scanner;
  std::string reply;
  std::array<char, 4096> some{};
  while (!scanner.is_done()) {
    const auto [problem, got] = co_await over->async_read_some(asio::buffer(some), as_value);
    if (problem) co_return failure(over->why_failed(problem, "greet"));
    const std::string_view bytes(some.data(), got);
    if (scanner.take(bytes) != got)
      co_return bad_reply("the server does not speak Redis' protocol");
    reply += bytes;
    if (reply.size() > reply_max) co_return bad_reply("the reply is too long");
  }
  over->touch(client::clock::now());
  co_return reply;
}

bool is_error(std::string_view reply) {
  return reply.starts_with('-');
}

failure refused_by(const connection_ptr& over, std::string reply,
                   const std::shared_ptr<redis_refusal>& refusal) {
  const auto line = std::string_view(reply).substr(1, reply.find('\r') - 1);
  auto what = fmt::format("{} says: {}", to_string(over->remote()), line);
  refusal->reply = std::move(reply);
  return failure({.code = errc::permission, .what = std::move(what), .hint = {}});
}

std::string hello(int protocol, const redis_credentials& as) {
  const auto version = std::to_string(protocol);
  if (as.password.empty()) return redis_request({"HELLO", version});
  const std::string_view user = as.user.empty() ? "default" : std::string_view(as.user);
  return redis_request({"HELLO", version, "AUTH", user, as.password});
}

std::string auth(const redis_credentials& as) {
  if (as.user.empty()) return redis_request({"AUTH", as.password});
  return redis_request({"AUTH", as.user, as.password});
}

/// Does the server's answer to HELLO say only that it does not know it?
bool is_unknown_command(std::string_view reply) {
  return reply.starts_with("-ERR unknown command") || reply.starts_with("-NOPERM");
}

}  // namespace

task<> greet(connection_ptr over, redis_place wanted, redis_credentials as,
             std::shared_ptr<redis_refusal> refusal) {
  auto is = std::any_cast<redis_standing>(&over->protocol_state());
  if (is != nullptr && is->at == wanted) co_return result<>{};
  if (is == nullptr || is->at.protocol != wanted.protocol) {
    auto said = co_await ask(over, hello(wanted.protocol, as));
    if (!said) co_return failure(std::move(said).error());
    const bool is_old = wanted.protocol == 2 && is_unknown_command(*said);
    if (is_error(*said) && !is_old) co_return refused_by(over, *std::move(said), refusal);
    if (is_old && !as.password.empty()) {
      auto known = co_await ask(over, auth(as));
      if (!known) co_return failure(std::move(known).error());
      if (is_error(*known)) co_return refused_by(over, *std::move(known), refusal);
    }
    const auto database = is == nullptr ? 0 : is->at.database;
    over->protocol_state() = redis_standing{
        .at = {.protocol = wanted.protocol, .database = database}, .hello = *std::move(said)};
    is = std::any_cast<redis_standing>(&over->protocol_state());
  }
  if (is->at.database == wanted.database) co_return result<>{};
  auto selected = co_await ask(over, redis_request({"SELECT", std::to_string(wanted.database)}));
  if (!selected) co_return failure(std::move(selected).error());
  if (is_error(*selected)) co_return refused_by(over, *std::move(selected), refusal);
  is->at.database = wanted.database;
  co_return result<>{};
}

std::string redis_request(std::initializer_list<std::string_view> words) {
  auto all = fmt::format("*{}\r\n", words.size());
  for (const auto word : words) {
    fmt::format_to(std::back_inserter(all), "${}\r\n{}\r\n", word.size(), word);
  }
  return all;
}

}  // namespace waitstate::sidecar
