#include "reading/waiting_threads.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

std::vector<message> told_of(std::string_view line, int threads, bool shows_close_wait) {
  snapshot_builder builder;
  builder.add_namespace({});
  waiting_threads waiting;
  for (int i = 0; i < threads; ++i) EXPECT_TRUE(waiting.take(line)) << line;
  waiting.tell(builder, shows_close_wait);
  return builder.finish({}).messages;
}

TEST(waiting_threads, are_told_where_many_wait_for_one_thing) {
  struct row {
    std::string_view line;
    int threads;
    bool shows_close_wait;
    std::size_t told;
  };
  constexpr row rows[] = {
      {"\t- waiting to lock <0x00000007a9b8c0d8> (a java.lang.Object)", 5, false, 1},
      {"\t- waiting to lock <0x00000007a9b8c0d8> (a java.lang.Object)", 4, false, 0},
      {"\tat java.net.SocketInputStream.socketRead0(Native Method)", 5, true, 1},
      {"\tat java.net.SocketInputStream.socketRead0(Native Method)", 5, false, 0},
  };
  for (const auto& [line, threads, shows_close_wait, told] : rows) {
    EXPECT_EQ(told_of(line, threads, shows_close_wait).size(), told) << line << threads;
  }
}

TEST(waiting_threads, are_in_no_other_line) {
  waiting_threads waiting;
  EXPECT_FALSE(waiting.take("tcp 1 0 10.0.0.7:80 10.0.0.8:55123 CLOSE_WAIT -"));
  EXPECT_FALSE(waiting.take(""));
}

}  // namespace
}  // namespace waitstate::paste
