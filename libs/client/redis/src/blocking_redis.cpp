#include "waitstate/client/redis/blocking_redis.h"
#include "waitstate/client/core/io_threads_wait.h"

namespace waitstate::client {
namespace {

redis_call call_by(time_limit deadline, redis_route route, std::source_location where) {
  return {.deadline = deadline, .route = route, .idempotent = {}, .where = where};
}

}  // namespace

result<blocking_redis> blocking_redis::make(io_threads& runs_on, redis_settings settings,
                                            std::shared_ptr<capacity> shared) {
  auto made = redis_client::make(runs_on.executor(), std::move(settings), std::move(shared));
  if (!made) return failure(std::move(made).error());
  runs_on.run((*made)->run(), [stopped = *made] { stopped->stop(); });
  return blocking_redis(runs_on, *std::move(made));
}

result<redis_reply> blocking_redis::command(redis_command what, time_limit deadline,
                                            redis_route route, std::source_location where) {
  return runs_on_->wait(redis_->command(std::move(what), call_by(deadline, route, where)));
}

result<std::vector<redis_reply>> blocking_redis::pipeline(std::vector<redis_command> commands,
                                                          time_limit deadline, redis_route route,
                                                          std::source_location where) {
  return runs_on_->wait(redis_->pipeline(std::move(commands), call_by(deadline, route, where)));
}

result<std::vector<redis_reply>> blocking_redis::transaction(std::vector<redis_command> commands,
                                                             time_limit deadline,
                                                             std::source_location where) {
  return runs_on_->wait(
      redis_->transaction(std::move(commands), call_by(deadline, redis_route::by_command, where)));
}

result<blocking_redis_session> blocking_redis::session(time_limit deadline, redis_route route,
                                                       std::source_location where) {
  auto made = runs_on_->wait(redis_->session(call_by(deadline, route, where)));
  if (!made) return failure(std::move(made).error());
  return blocking_redis_session(*runs_on_, *std::move(made));
}

result<redis_reply> blocking_redis_session::command(redis_command what, time_limit deadline) {
  return runs_on_->wait(session_.command(std::move(what), deadline));
}

result<std::vector<redis_reply>> blocking_redis_session::pipeline(
    std::vector<redis_command> commands, time_limit deadline) {
  return runs_on_->wait(session_.pipeline(std::move(commands), deadline));
}

result<redis_reply> blocking_redis_session::receive(time_limit deadline) {
  return runs_on_->wait(session_.receive(deadline));
}

result<> blocking_redis_session::end(time_limit deadline) {
  return runs_on_->wait(session_.end(deadline));
}

}  // namespace waitstate::client
