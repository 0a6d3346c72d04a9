#include "waitstate/remedy/journal.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <chrono>

#include <gtest/gtest.h>

#include "waitstate/netlab/server_process.h"

namespace waitstate::remedy {
namespace {

using std::string_literals::operator""s;

TEST(journal, a_value_with_a_line_end_goes_by_its_length) {
  EXPECT_EQ(journal::datagram({{"MESSAGE", "closed"}, {"X", "a\nB=c"}, {"Y", ""}}),
            "MESSAGE=closed\nX\n\5\0\0\0\0\0\0\0a\nB=c\nY=\n"s);
}

TEST(journal, where_there_is_none_nothing_is_sent) {
  EXPECT_FALSE(journal("/nowhere/at/all").send({{"MESSAGE", "x"}}));
  EXPECT_FALSE(journal(std::string(200, 'x')).send({{"MESSAGE", "x"}}));
}

TEST(journal, that_hangs_holds_nothing_up) {
  const netlab::temporary_folder in;
  const std::string path = in.path() / "socket";
  const fd hangs(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  std::ranges::copy(path, at.sun_path);
  ASSERT_EQ(::bind(hangs.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)), 0);
  journal to(path);
  const auto began = std::chrono::steady_clock::now();
  int taken = 0;
  for (int i = 0; i < 100'000; ++i) taken += to.send({{"MESSAGE", "x"}}) ? 1 : 0;
  EXPECT_GT(taken, 0);
  EXPECT_LT(taken, 100'000);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
}

}  // namespace
}  // namespace waitstate::remedy
