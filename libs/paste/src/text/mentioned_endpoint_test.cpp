#include "text/mentioned_endpoint.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(mentioned_endpoint, is_found) {
  struct row {
    std::string_view line, host;
    std::uint16_t port;
  };
  constexpr row rows[] = {
      {"connect to db.internal:5432 failed", "db.internal", 5432},
      {"dial tcp [fe80::1]:80: refused", "fe80::1", 80},
      {"GET https://api.example.com/v1 failed", "api.example.com", 443},
      {"redis://user:secret@10.0.0.1:6380/0", "10.0.0.1", 6380},
      {"in use :::3000", "::", 3000},
      {"connect EADDRNOTAVAIL 2600:9000:238e:f200:14:513f:eb40:93a1:443 - Local (:::0)",
       "2600:9000:238e:f200:14:513f:eb40:93a1", 443},
      {"12:34:56 main.go:182 failed for 10.0.0.1:80", "10.0.0.1", 80},
      {"failed for xx.xx.xx.xx:80", "xx.xx.xx.xx", 80},
      {"HTTPConnectionPool(host='a.b', port=81)", "a.b", 81},
      {"curl: (7) Failed to connect to ::1 port 8080 after 0 ms", "::1", 8080},
      {"curl: (7) Failed to connect to backend port 8080: refused", "backend", 8080},
      {"Cannot assign - connect(2) for \"10.0.0.5\" port 9200", "10.0.0.5", 9200},
      {"Cannot assign requested address (api.example.com:443)", "api.example.com", 443},
  };
  for (const auto& [line, host, port] : rows) {
    EXPECT_EQ(mentioned_endpoint(line), (text_endpoint{.host = host, .port = port})) << line;
  }
}

TEST(mentioned_endpoint, is_no_clock_and_no_source_line) {
  for (const std::string_view line :
       {"", "12:34:56 it failed", "proxy.go:182 > no", "a: b", "10.0.0.1",
        "failed at run (Main.java:182)", "Connection reset by 10.0.0.1 port 51234",
        "Bind to port 22 failed", "see (note:3)"}) {
    EXPECT_EQ(mentioned_endpoint(line), std::nullopt) << line;
  }
}

}  // namespace
}  // namespace waitstate::paste
