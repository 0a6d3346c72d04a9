#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "http_test.h"
#include "test_server.h"
#include "waitstate/netlab/server_process.h"

namespace waitstate::client {
namespace {

using namespace netlab;

/// 200 to /ok, 404 to /missing, half an answer to anything else.
void serve(int socket) {
  for (auto head = read_head(socket); !head.empty(); head = read_head(socket)) {
    const bool is_ok = head.starts_with("GET /ok ");
    const bool is_missing = head.starts_with("GET /missing ");
    const std::string answer =
        fmt::format("HTTP/1.1 {}\r\nContent-Length: 5\r\n\r\n{}", is_missing ? "404 No" : "200 OK",
                    is_ok || is_missing ? "hello" : "he");
    send_all(socket, answer);
    if (!is_ok && !is_missing) return;
  }
}

struct finished {
  int status = -1;
  std::string output;
};

finished run(const std::string& command) {
  finished out;
  auto* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return out;
  std::array<char, 4096> bytes{};
  while (const auto got = std::fread(bytes.data(), 1, bytes.size(), pipe)) {
    out.output.append(bytes.data(), got);
  }
  const int status = ::pclose(pipe);
  out.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return out;
}

TEST(example_crawler, counts_how_every_url_of_a_list_ended) {
  const test_server server(serve);
  const temporary_folder folder;
  std::string list;
  for (int i = 0; i < 300; ++i) {
    const auto* const path = i % 3 == 0 ? "ok" : i % 3 == 1 ? "missing" : "cut";
    list += fmt::format("http://127.0.0.1:{}/{}\n", server.at().port, path);
  }
  list += "not-a-url\n";
  const auto file = folder.write("urls", list);
  const auto got = run(fmt::format("{} --at-once 8 --within 5000 {} 2>{}/errors",
                                   WAITSTATE_EXAMPLE_CRAWLER, file, folder.path().string()));
  EXPECT_EQ(got.status, 0);
  EXPECT_EQ(got.output, "200 100\n404 100\nfailed 101\n");
}

TEST(example_crawler, takes_urls_as_arguments) {
  const test_server server(serve);
  const auto got =
      run(fmt::format("{} http://127.0.0.1:{}/ok", WAITSTATE_EXAMPLE_CRAWLER, server.at().port));
  EXPECT_EQ(got.status, 0);
  EXPECT_EQ(got.output, "200 1\n");
}

}  // namespace
}  // namespace waitstate::client
