// A server whose replies are nearly right. Each call ends in time, whatever came, and a right reply
// is read after it.
#include <atomic>
#include <string>

#include <gtest/gtest.h>

#include "mutated.h"
#include "test_io.h"
#include "test_server.h"
#include "thrift_test.h"
#include "waitstate/client/thrift/thrift_channel.h"
#include "waitstate/client/thrift/thrift_message.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr auto given_up_after = 60ms;

std::string message(thrift_message_type type, std::int32_t seqid) {
  std::string made;
  append_thrift_envelope(made, {.type = type, .seqid = seqid, .name = "ask"});
  made += '\0';
  return made;
}

TEST(thrift_mutations, each_call_to_a_server_of_mutated_replies_ends_in_time) {
  std::atomic<std::uint64_t> number{0};
  std::atomic<bool> is_right{false};
  const test_server server([&](int socket) {
    for_each_frame(socket, [&](std::string_view frame) {
      const auto asked = read_thrift_envelope(frame);
      std::string reply;
      append_thrift_frame(reply, message(thrift_message_type::reply, asked ? asked->seqid : 0));
      const auto n = ++number;
      if (is_right) return send_all(socket, reply);
      return send_all(socket, mutated(reply, seeded_random(n))) && n % 8 == 0;
    });
  });
  test_io io(2);
  const auto over =
      cluster::make(io.executor(), static_source({{.at = server.at()}}), {.name = "x"}).value();
  io.spawn(over->run());
  const auto channel = thrift_channel::make(over, {.attempt_upgrade = false});
  const auto ask = [&](duration within) {
    return io.await(channel->call(message(thrift_message_type::call, 1),
                                  {.deadline = clock::now() + within, .idempotent = true}));
  };
  for (std::uint64_t i = 0; i < mutations_count(); ++i) {
    const auto began = clock::now();
    const auto got = ask(given_up_after);
    EXPECT_LT(clock::now() - began, given_up_after + 1s) << "after reply " << number;
    EXPECT_TRUE(got || !got.error().what.empty());
  }
  is_right = true;
  EXPECT_TRUE(soon([&] { return ask(2s).has_value(); }));
  over->stop();
}

}  // namespace
}  // namespace waitstate::client
