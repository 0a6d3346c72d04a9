#include <sys/wait.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/integration/thrift/thrift_servers.h"
#include "tests/integration/zookeeper_server.h"
#include "waitstate/client.h"
#include "waitstate/client/zookeeper.h"

namespace waitstate::integration_test {
namespace {

using namespace netlab;
using namespace std::chrono_literals;

TEST(example_thrift_zookeeper, finds_the_servers_and_shares_the_calls_between_them) {
  const temporary_folder folder;
  const zookeeper_server zookeeper;
  const thrift_server one(server_kind::plain, "one", folder);
  const thrift_server two(server_kind::upgraded, "two", folder);
  client::io_threads background;
  const auto address = fmt::format("zk!{}!/twitter/service/echo", zookeeper.hosts());
  const auto until = client::clock::now() + 20s;
  for (const auto* const server : {&one, &two}) {
    auto member = client::announce_at(address + "!0", server->at()).value();
    const auto joined = client::announce(background, std::move(member), until);
    ASSERT_TRUE(joined) << joined.error().what;
  }

  const auto command = fmt::format("{} '{}' 4 500", WAITSTATE_EXAMPLE_THRIFT, address);
  auto* const pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::array<char, 4096> bytes{};
  std::string output;
  while (const auto got = std::fread(bytes.data(), 1, bytes.size(), pipe)) {
    output.append(bytes.data(), got);
  }
  EXPECT_EQ(::pclose(pipe), 0);
  std::istringstream words(output);
  std::string first;
  std::string second;
  int ones = 0;
  int twos = 0;
  words >> first >> ones >> second >> twos;
  EXPECT_EQ(first + second, "onetwo") << output;
  EXPECT_EQ(ones + twos, 2000);
  EXPECT_GT(std::min(ones, twos), 200);
}

}  // namespace
}  // namespace waitstate::integration_test
