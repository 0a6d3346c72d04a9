// Finagle's upgrade on a new connection, before anybody leases it.
#include "thrift_greeting.h"

#include <algorithm>
#include <map>
#include <utility>

#include <boost/asio/write.hpp>

#include "waitstate/client/thrift/thrift_channel.h"

namespace waitstate::client {
namespace {

constexpr std::uint32_t reply_max = 65'536;
constexpr std::size_t remembered_max = 4096;

/// Which servers hang up on the question, and until when that is believed.
class plain_servers {
 public:
  void add(const endpoint& to, time_point until) {
    const std::scoped_lock held(lock_);
    if (until_.size() >= remembered_max) until_.clear();
    until_[to] = until;
  }
  [[nodiscard]] bool has(const endpoint& to, time_point now) {
    const std::scoped_lock held(lock_);
    const auto found = until_.find(to);
    return found != until_.end() && now < found->second;
  }

 private:
  std::mutex lock_;
  std::map<endpoint, time_point> until_;
};

task<std::string> read_reply(connection_ptr from) {
  thrift_frame_reader reader(reply_max);
  for (;;) {
    const auto space = reader.space();
    const auto [code, got] =
        co_await from->async_read_some(asio::buffer(space.data(), space.size()), as_value);
    if (code) co_return failure(from_code(code, "read the upgrade reply"));
    reader.received(got);
    auto frame = reader.next();
    if (!frame) co_return failure(in_step("upgrade reply", std::move(frame).error()));
    if (!*frame) continue;
    if (!reader.is_at_boundary()) {
      co_return failure(
          {.code = errc::corrupt, .what = "bytes after the upgrade reply", .hint = {}});
    }
    co_return **std::move(frame);
  }
}

task<bool> ask(connection_ptr over) {
  const auto probe = twitter_upgrade_probe();
  const auto [code, sent] =
      co_await asio::async_write(*over, asio::buffer(probe.data(), probe.size()), as_value);
  if (code) co_return failure(from_code(code, "ask for the upgrade"));
  auto reply = co_await read_reply(over);
  if (!reply) co_return failure(std::move(reply).error());
  co_return is_twitter_upgrade(*reply);
}

task<> greet(connection_ptr made, std::shared_ptr<plain_servers> plain, duration plain_for) {
  auto& state = thrift_state(*made);
  if (plain->has(made->remote(), clock::now())) co_return result<>();
  auto answered = co_await ask(made);
  if (answered) {
    state.is_upgraded = *answered;
    co_return result<>();
  }
  auto why = std::move(answered).error();
  if (is_unavailable(why.code) && !made->is_shut_down()) {
    plain->add(made->remote(), clock::now() + plain_for);
    why.code = errc::unsupported;
  }
  co_return failure(std::move(why));
}

}  // namespace

thrift_connection& thrift_state(connection& of) {
  auto& kept = of.protocol_state();
  if (!kept.has_value()) kept = thrift_connection();
  return std::any_cast<thrift_connection&>(kept);
}

pool_settings thrift_channel::greeted(pool_settings settings, thrift_settings how) {
  if (!how.attempt_upgrade) return settings;
  settings.prepare = [plain = std::make_shared<plain_servers>(), plain_for = how.plain_for](
                         connection_ptr made, time_point) {
    return greet(std::move(made), plain, plain_for);
  };
  return settings;
}

}  // namespace waitstate::client
