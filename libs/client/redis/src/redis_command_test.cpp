#include "waitstate/client/redis/redis_command.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

std::string request_of(const redis_command& command) {
  std::string bytes;
  const auto made = append_request(bytes, command);
  return made ? bytes : made.error().what;
}

TEST(redis_command, is_an_array_of_bulk_strings) {
  EXPECT_EQ(request_of({"GET", "x"}), "*2\r\n$3\r\nGET\r\n$1\r\nx\r\n");
  EXPECT_EQ(request_of({"SET", "k", std::string("\0\r\n%s", 5)}),
            std::string("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\n\0\r\n%s\r\n", 31));
  EXPECT_EQ(request_of({"GET", ""}), "*2\r\n$3\r\nGET\r\n$0\r\n\r\n");
}

TEST(redis_command, needs_a_name) {
  EXPECT_EQ(request_of({}), "redis: a command without a name");
  EXPECT_EQ(request_of({""}), "redis: a command without a name");
}

TEST(redis_command, is_refused_with_too_many_arguments) {
  EXPECT_EQ(request_of(redis_command(redis_pipeline_max + 1, "x")),
            "redis: 'x' makes a request of 16.2 MiB and 1,000,001 arguments, 512 MiB and 1,000,000 "
            "are the most");
}

TEST(redis_command, may_run_a_script) {
  for (const auto* const name : {"EVAL", "evalsha", "FCall"}) EXPECT_TRUE(runs_script({name, "x"}));
  for (const auto* const name : {"EVAL_RO", "FCALL_RO", "SCRIPT", "GET"}) {
    EXPECT_FALSE(runs_script({name, "x"}));
  }
  EXPECT_FALSE(runs_script({}));
}

TEST(redis_command, is_classified_by_its_name_and_options) {
  using enum redis_command_kind;
  const struct {
    redis_command command;
    redis_command_kind kind;
  } cases[] = {
      {{"GET", "k"}, read},
      {{"get", "k"}, read},
      {{"hGetAll", "k"}, read},
      {{"PING"}, read},
      {{"SCAN", "0"}, idempotent},
      {{"SET", "k", "v"}, idempotent},
      {{"SET", "NX", "GET"}, idempotent},
      {{"SET", "k", "v", "EX", "10"}, idempotent},
      {{"SET", "k", "v", "nx"}, once},
      {{"SET", "k", "v", "EX", "10", "GET"}, once},
      {{"DEL", "k"}, idempotent},
      {{"ZADD", "k", "1", "a"}, idempotent},
      {{"ZADD", "k", "INCR", "1", "a"}, once},
      {{"INCR", "k"}, once},
      {{"LPUSH", "k", "v"}, once},
      {{"EVAL", "return 1", "0"}, once},
      {{"NO.SUCH"}, once},
      {{}, once},
      {{"XREAD", "STREAMS", "s", "0"}, read},
      {{"XREAD", "block", "0", "STREAMS", "s", "$"}, stateful},
      {{"OBJECT", "ENCODING", "k"}, read},
      {{"OBJECT", "HELP"}, once},
      {{"SELECT", "3"}, stateful},
      {{"auth", "x"}, stateful},
      {{"MULTI"}, stateful},
      {{"WATCH", "k"}, stateful},
      {{"SUBSCRIBE", "c"}, stateful},
      {{"BLPOP", "k", "0"}, stateful},
      {{"MONITOR"}, stateful},
      {{"RESET"}, stateful},
      {{"CLIENT", "SETNAME", "x"}, stateful},
      {{"CLIENT"}, stateful},
      {{"CLIENT", "list"}, once},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(to_string(classify(c.command)), to_string(c.kind))
        << (c.command.empty() ? "" : c.command.front());
  }
}

}  // namespace
}  // namespace waitstate::client
