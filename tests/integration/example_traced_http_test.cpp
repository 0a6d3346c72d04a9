#include <sys/stat.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "http_test.h"
#include "test_server.h"
#include "waitstate/netlab/server_process.h"

namespace waitstate::client {
namespace {

using namespace netlab;
using nlohmann::json;

/// Takes spans as an OpenTelemetry collector does.
class collector {
 public:
  [[nodiscard]] std::string url() const {
    return fmt::format("http://127.0.0.1:{}/v1/traces", server_.at().port);
  }
  std::vector<json> spans() {
    const std::scoped_lock held(lock_);
    std::vector<json> all;
    for (const auto& body : bodies_) {
      for (const auto& span :
           json::parse(body).at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans")) {
        all.push_back(span);
      }
    }
    return all;
  }

 private:
  void serve(int socket) {
    for (auto head = read_head(socket); !head.empty(); head = read_head(socket)) {
      EXPECT_TRUE(head.starts_with("POST /v1/traces "));
      EXPECT_NE(head.find("Content-Type: application/json"), head.npos);
      const auto at = head.find("Content-Length: ") + 16;
      std::size_t length = 0;
      std::from_chars(head.data() + at, head.data() + head.size(), length);
      const auto body = read_bytes(socket, length);
      {
        const std::scoped_lock held(lock_);
        bodies_.push_back(body);
      }
      send_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    }
  }

  std::mutex lock_;
  std::vector<std::string> bodies_;
  test_server server_{[this](int socket) { serve(socket); }};
};

json attribute(const json& span, std::string_view key) {
  for (const auto& a : span.at("attributes")) {
    if (a.at("key") == key) return a.at("value").front();
  }
  return nullptr;
}

TEST(example_traced_http, gives_nginx_the_ids_of_the_spans_that_the_collector_gets) {
  const temporary_folder folder;
  const auto at = folder.path().string();
  const auto port = free_port();
  const auto config = folder.write(
      "nginx.conf",
      fmt::format(
          "daemon off; worker_processes 1; pid {0}/pid; error_log {0}/error.log;\n"
          "events {{ worker_connections 64; }}\n"
          "http {{ log_format ids '$http_traceparent'; access_log {0}/ids ids;\n"
          "client_body_temp_path {0}/body; proxy_temp_path {0}/proxy;\n"
          "fastcgi_temp_path {0}/fastcgi; uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/s;\n"
          "server {{ listen 127.0.0.1:{1}; location / {{ return 200 hello; }}\n"
          "location /no {{ return 404; }} }} }}\n",
          at, port));
  ::chmod(at.c_str(), 0755);
  const server_process nginx({"/usr/sbin/nginx", "-c", config, "-p", at}, at);
  ASSERT_TRUE(wait_for_port(port));
  collector to;
  const auto command = fmt::format("{0} {1} http://127.0.0.1:{2}/a?key=1 http://127.0.0.1:{2}/no",
                                   WAITSTATE_EXAMPLE_TRACED_HTTP, to.url(), port);
  auto* const pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::array<char, 4096> bytes{};
  const std::string output(bytes.data(), std::fread(bytes.data(), 1, bytes.size(), pipe));
  EXPECT_EQ(::pclose(pipe), 0) << output;

  const auto spans = to.spans();
  ASSERT_EQ(spans.size(), 2U);
  const auto trace_id = spans[0].at("traceId").get<std::string>();
  EXPECT_EQ(output.substr(0, 39), "trace " + trace_id + "\n");
  EXPECT_EQ(attribute(spans[0], "http.response.status_code"), "200");
  EXPECT_EQ(attribute(spans[1], "http.response.status_code"), "404");
  EXPECT_EQ(attribute(spans[0], "url.path"), "/a");
  EXPECT_EQ(attribute(spans[0], "server.port"), std::to_string(port));
  EXPECT_EQ(spans[0].at("events").at(0).at("name"), "connected");
  EXPECT_EQ(spans[1].at("events").at(0).at("name"), "connection reused");
  std::multiset<std::string> sent;
  for (const auto& span : spans) {
    sent.insert(fmt::format("00-{}-{}-01", trace_id, span.at("spanId").get<std::string>()));
    const auto began = std::stoull(span.at("startTimeUnixNano").get<std::string>());
    EXPECT_LT(began, std::stoull(span.at("endTimeUnixNano").get<std::string>()));
    for (const auto& event : span.at("events")) {
      EXPECT_LE(began, std::stoull(event.at("timeUnixNano").get<std::string>()));
    }
  }
  std::multiset<std::string> logged;
  EXPECT_TRUE(soon([&] {
    logged.clear();
    std::ifstream log(at + "/ids");
    for (std::string line; std::getline(log, line);) logged.insert(line);
    return logged.size() == 2;
  }));
  EXPECT_EQ(logged, sent);
}

}  // namespace
}  // namespace waitstate::client
