#include "waitstate/client/redis/redis_client.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "redis_exchange.h"
#include "redis_role_monitor.h"

namespace waitstate::client {
namespace {

constexpr std::size_t endpoints_max = 64;

failure no_sense(std::string what) {
  return failure(
      {.code = errc::invalid_input, .what = "redis settings: " + std::move(what), .hint = {}});
}

result<> check(const redis_settings& settings) {
  const auto& at = settings.endpoints;
  if (at.empty() || at.size() > endpoints_max) {
    return no_sense(fmt::format("{} endpoints, it must be 1 to {}", at.size(), endpoints_max));
  }
  for (auto i = at.begin(); i != at.end(); ++i) {
    if (std::find(at.begin(), i, *i) != i) {
      return no_sense(fmt::format("endpoint '{}' is there twice", to_string(*i)));
    }
  }
  if (settings.password.empty() && !settings.username.empty()) {
    return no_sense(fmt::format("username '{}' without a password", settings.username));
  }
  if (settings.role_interval <= duration{0} || settings.role_time_max <= duration{0}) {
    return no_sense("role_interval and role_time_max must be more than 0");
  }
  return {};
}

/// The user's own `prepare`, if any, and then the greeting.
task<> prepare(std::function<task<>(connection_ptr, time_point)> first, redis_request_ptr greeting,
               redis_limits limits, connection_ptr over, time_point deadline) {
  if (first) {
    auto prepared = co_await first(over, deadline);
    if (!prepared) co_return prepared;
  }
  auto greeted = co_await greet(over, greeting, limits);
  co_return greeted;
}

/// A transaction whose EXEC was refused because of one of its commands gives that one's error.
const redis_reply* discarded_because(const std::vector<redis_reply>& replies) {
  if (replies.back().error_code() != "EXECABORT") return nullptr;
  const auto why = std::ranges::find_if(replies, &redis_reply::is_error);
  return &*why;
}

/// After EXEC has run, or the server has said that there is nothing for it to run.
bool is_transaction_over(const std::vector<redis_reply>& replies) {
  const auto& exec = replies.back();
  return exec.kind == redis_kind::array || exec.kind == redis_kind::null ||
         exec.error_code() == "EXECABORT" || replies.front().is_error();
}

failure not_begun(const redis_reply& why) {
  return failure({.code = errc::invalid_input,
                  .what = fmt::format("redis: no transaction, its commands were done one by one: "
                                      "'MULTI': {}",
                                      told_by(why)),
                  .hint = {}});
}

failure not_accepted(const redis_reply& why, const std::vector<redis_command>& commands,
                     std::size_t which) {
  const auto name = which < commands.size() ? commands[which].front() : std::string("EXEC");
  return failure(
      {.code = errc::invalid_input,
       .what = fmt::format("redis: the transaction was discarded: '{}': {}", name, told_by(why)),
       .hint = {}});
}

/// What such a call is called by those who are told of it.
std::string method_of(const std::vector<redis_command>& commands, bool is_transaction) {
  if (is_transaction) return "MULTI";
  return commands.size() == 1 ? commands.front().front() : "PIPELINE";
}

}  // namespace

/// What became of the attempts of one cluster::call().
struct redis_client::verdict {
  bool is_transaction = false;
  bool is_read = false;
  bool runs_script = false;
  bool bytes_written = false;
  std::vector<redis_reply> refusal;  // The last one, when the server refused everything.

  [[nodiscard]] bool is_refusal_of_all(const std::vector<redis_reply>& replies) const {
    if (is_transaction) {
      return replies.back().error_code() == "EXECABORT" && std::ranges::any_of(replies, is_refusal);
    }
    // A script may have written before it answered that, in the server's words.
    return !runs_script && !replies.empty() && std::ranges::all_of(replies, is_refusal);
  }
};

result<std::shared_ptr<redis_client>> redis_client::make(asio::any_io_executor executor,
                                                         redis_settings settings,
                                                         std::shared_ptr<capacity> shared) {
  if (auto checked = check(settings); !checked) return failure(std::move(checked).error());
  std::shared_ptr<redis_client> made(new redis_client(std::move(executor), settings));
  if (auto opened = made->open(std::move(settings), shared); !opened) {
    return failure(std::move(opened).error());
  }
  return made;
}

redis_client::redis_client(asio::any_io_executor executor, const redis_settings& settings)
    : executor_(std::move(executor)), limits_(settings.limits) {}

redis_client::~redis_client() = default;

result<> redis_client::open(redis_settings settings, const std::shared_ptr<capacity>& shared) {
  auto hello = greeting(settings);
  if (!hello) return failure(std::move(hello).error());
  greeting_ = *std::move(hello);
  auto for_all = settings.cluster;
  for_all.pool.prepare = [first = for_all.pool.prepare, greeting = greeting_, limits = limits_](
                             connection_ptr over, time_point deadline) {
    return prepare(first, greeting, limits, std::move(over), deadline);
  };
  if (!for_all.pool.ping) {
    auto asks = make_request({{"PING"}});
    if (!asks) return failure(std::move(asks).error());
    for_all.pool.ping = [asks = *std::move(asks), limits = limits_](connection_ptr over,
                                                                    time_point) {
      return greet(std::move(over), asks, limits);
    };
  }
  if (settings.endpoints.size() == 1) {
    auto source = static_source({{.at = settings.endpoints.front()}});
    auto only = cluster::make(executor_, std::move(source), std::move(for_all), shared);
    if (!only) return failure(std::move(only).error());
    write_ = read_ = *std::move(only);
    return {};
  }
  auto monitor = redis_role_monitor::make(executor_, settings, for_all.pool);
  if (!monitor) return failure(std::move(monitor).error());
  monitor_ = *std::move(monitor);
  auto for_writes = for_all;
  for_writes.name += " write";
  for_all.name += " read";
  auto writes = cluster::make(executor_, monitor_->primary(), std::move(for_writes), shared);
  if (!writes) return failure(std::move(writes).error());
  auto reads = cluster::make(executor_, monitor_->replicas(), std::move(for_all), shared);
  if (!reads) return failure(std::move(reads).error());
  write_ = *std::move(writes);
  read_ = *std::move(reads);
  return {};
}

asio::awaitable<void> redis_client::run() {
  const auto self = shared_from_this();
  asio::co_spawn(executor_, write_->run(), asio::detached);
  if (!monitor_) co_return;
  asio::co_spawn(executor_, read_->run(), asio::detached);
  co_await monitor_->run();
}

void redis_client::stop() {
  if (monitor_) monitor_->stop();
  write_->stop();
  read_->stop();
}

task<redis_reply> redis_client::command(redis_command what, redis_call call) {
  const auto self = shared_from_this();
  std::vector<redis_command> commands;
  commands.push_back(std::move(what));
  auto replies = co_await execute(self, std::move(commands), call, false);
  if (!replies) co_return failure(std::move(replies).error());
  co_return std::move(replies->front());
}

task<std::vector<redis_reply>> redis_client::pipeline(std::vector<redis_command> commands,
                                                      redis_call call) {
  return execute(shared_from_this(), std::move(commands), call, false);
}

task<std::vector<redis_reply>> redis_client::transaction(std::vector<redis_command> commands,
                                                         redis_call call) {
  return execute(shared_from_this(), std::move(commands), call, true);
}

const std::shared_ptr<cluster>& redis_client::servers_for(redis_route route, bool is_read) const {
  const bool is_for_replica =
      route == redis_route::replica || (route == redis_route::by_command && is_read);
  return is_for_replica ? read_ : write_;
}

task<std::vector<redis_reply>> redis_client::execute(std::shared_ptr<redis_client> self,
                                                     std::vector<redis_command> commands,
                                                     redis_call call, bool is_transaction) {
  auto most = redis_command_kind::read;
  for (const auto& c : commands) {
    most = std::max(most, classify(c));
    if (most != redis_command_kind::stateful) continue;
    co_return failure(
        {.code = errc::invalid_input,
         .what = fmt::format("redis: '{}' changes the connection for the next user", c.front()),
         .hint = "use a session, which has a connection for itself"});
  }
  if (commands.empty()) co_return std::vector<redis_reply>();
  if (is_transaction) {
    commands.insert(commands.begin(), {"MULTI"});
    commands.push_back({"EXEC"});
  }
  auto request = make_request(commands);
  if (!request) co_return failure(std::move(request).error());

  const auto method = method_of(commands, is_transaction);
  const auto& servers = self->servers_for(call.route, most == redis_command_kind::read);
  const call_options options{
      .deadline = call.deadline,
      .idempotent = call.idempotent.value_or(most != redis_command_kind::once),
      .may_run_twice = !is_transaction,
      .where = call.where,
      .stack = {},
      .title = {.protocol = "redis", .method = method, .target = {}},
      .context = call.context};
  for (;;) {
    const auto v = std::make_shared<verdict>();
    v->is_transaction = is_transaction;
    v->runs_script = std::ranges::any_of(commands, runs_script);
    v->is_read = servers == self->read_ && servers != self->write_;
    std::function<task<std::vector<redis_reply>>(attempt*)> operation =
        [self, what = *request, v](attempt* a) { return attempt_once(self, what, v, a); };
    auto replies = co_await servers->call<std::vector<redis_reply>>(options, std::move(operation));
    if (!replies && !v->refusal.empty()) replies = std::move(v->refusal);
    const bool is_refused = replies && v->is_refusal_of_all(*replies);
    const bool may_repeat = !replies && is_unavailable(replies.error().code) &&
                            (!v->bytes_written || options.idempotent);
    if (is_refused || may_repeat) {
      if (co_await is_worth_another(self, call.deadline)) continue;
    }
    if (!replies || !is_transaction) co_return replies;
    if (const auto* const why = discarded_because(*replies)) {
      co_return not_accepted(*why, commands, static_cast<std::size_t>(why - replies->data()));
    }
    if (replies->back().kind != redis_kind::array) {
      const bool ran_alone =
          replies->front().is_error() && !std::ranges::all_of(*replies, &redis_reply::is_error);
      if (ran_alone) co_return not_begun(replies->front());
      co_return not_accepted(replies->back(), commands, commands.size() - 1);
    }
    auto results = std::move(replies->back().elements);
    co_return results;
  }
}

asio::awaitable<bool> redis_client::is_worth_another(std::shared_ptr<redis_client> self,
                                                     time_point deadline) {
  if (!self->monitor_ || clock::now() >= deadline) co_return false;
  const bool is_asked = co_await redis_role_monitor::asked(self->monitor_, deadline);
  co_return is_asked&& clock::now() < deadline;
}

task<std::vector<redis_reply>> redis_client::attempt_once(std::shared_ptr<redis_client> self,
                                                          redis_request_ptr what,
                                                          std::shared_ptr<verdict> v, attempt* a) {
  const auto over = a->over->shared();
  const auto progress = std::make_shared<redis_progress>();
  if (a->call_deadline > a->deadline) progress->answer_ends = a->call_deadline;
  auto replies = co_await exchange(over, what, self->limits_, progress);
  a->bytes_written = false;
  a->wrote(progress->bytes_written);
  a->read(progress->bytes_read);
  if (a->record != nullptr && progress->bytes_written > 0) a->record->sent = progress->sent;
  if (a->record != nullptr && progress->bytes_read > 0) {
    a->record->first_byte = progress->first_byte;
  }
  v->bytes_written = v->bytes_written || a->bytes_written;
  if (!replies) {
    if (self->monitor_) self->monitor_->ask_now();
    co_return replies;
  }
  // A transaction that was left open would take in the commands of the next caller.
  const bool is_clean = !v->is_transaction || is_transaction_over(*replies);
  if (is_clean && is_at_boundary(*over)) a->over->keep();
  if (std::ranges::none_of(*replies, is_refusal)) co_return replies;

  a->outcome = call_outcome::failed;
  if (self->monitor_) self->monitor_->ask_now();
  if (!v->is_read || !v->is_refusal_of_all(*replies)) co_return replies;
  // Another replica may answer at once.
  a->refused = true;
  auto why = failure({.code = errc::unavailable, .what = told_by(replies->front()), .hint = {}});
  v->refusal = *std::move(replies);
  co_return why;
}

task<redis_session> redis_client::session(redis_call call) {
  const auto self = shared_from_this();
  const auto& servers = servers_for(call.route, false);
  const acquire_options options{.deadline = call.deadline, .where = call.where, .stack = {}};
  for (;;) {
    auto over = co_await servers->acquire(options);
    if (over) {
      co_return redis_session(*std::move(over), executor_, greeting_, limits_);
    }
    if (!co_await is_worth_another(self, call.deadline)) {
      co_return failure(std::move(over).error());
    }
  }
}

}  // namespace waitstate::client
