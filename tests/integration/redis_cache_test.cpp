// examples/redis_cache.cpp against a real server.
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

#include <gtest/gtest.h>

#include "waitstate/netlab/server_process.h"

namespace waitstate::integration_test {
namespace {

using namespace netlab;

struct outcome {
  std::string output;
  int status = -1;
};

outcome run(const std::string& arguments) {
  outcome got;
  FILE* const pipe = ::popen((WAITSTATE_REDIS_CACHE " " + arguments + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return got;
  std::array<char, 4096> bytes{};
  while (const auto n = std::fread(bytes.data(), 1, bytes.size(), pipe)) {
    got.output.append(bytes.data(), n);
  }
  got.status = WEXITSTATUS(::pclose(pipe));
  return got;
}

TEST(redis_cache_example, misses_once_and_hits_then) {
  const temporary_folder folder;
  const auto port = std::to_string(free_port());
  const server_process server({"redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "",
                               "--dir", folder.path().string()},
                              folder.path());
  ASSERT_TRUE(wait_for_port(static_cast<std::uint16_t>(std::stoi(port))));
  const auto at = "127.0.0.1:" + port;
  const auto first = run(at + " 1 2");
  EXPECT_EQ(first.output, "miss 1: the answer to 1\nmiss 2: the answer to 2\n");
  EXPECT_EQ(first.status, 0);
  EXPECT_EQ(run(at + " 2 3").output, "hit  2: the answer to 2\nmiss 3: the answer to 3\n");
}

TEST(redis_cache_example, says_what_is_wrong) {
  const auto at = "127.0.0.1:" + std::to_string(free_port());
  const auto got = run(at + " 1");
  EXPECT_EQ(got.status, 1);
  EXPECT_NE(got.output.find("connect " + at + ": Connection refused"), std::string::npos)
      << got.output;
  EXPECT_EQ(run("").status, 2);
}

}  // namespace
}  // namespace waitstate::integration_test
