#include "http/access_line.h"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

namespace waitstate::sidecar {
namespace {

TEST(access_line, says_what_became_of_a_request) {
  asio::io_context io;
  client_connection who{client_connection::socket_type(io)};
  who.port = 41712;
  client_bytes from(who);
  const auto with = std::make_unique<scratch>();
  const auto servers =
      client::cluster::make(io.get_executor(), client::static_source({}), {}).value();
  exchange x{.who = who, .from = from, .with = *with, .servers = *servers, .time_max = duration(0)};
  x.status = 200;
  x.attempts = 2;
  x.bytes_to_client = 13;
  x.was_reused = true;
  x.server = client::endpoint{.host = "10.0.0.5", .port = 80};
  x.waited = std::chrono::microseconds(10);
  const auto at =
      std::chrono::system_clock::time_point(std::chrono::milliseconds(1'764'518'521'123));
  EXPECT_EQ(access_line(x, "api", "GET /\"x", std::chrono::microseconds(412), at),
            "time=2025-11-30T16:02:01.123Z route=api client=\"port 41712\" request=\"GET /\\\"x\" "
            "status=200 bytes=13 ms=0.412 waited_ms=0.010 server=10.0.0.5:80 reused=yes tries=2");
  x.irregular = "bytes after the response";
  EXPECT_TRUE(access_line(x, "api", "GET /", duration(0), at)
                  .ends_with(" tries=2 why=\"bytes after the response\""));
}

}  // namespace
}  // namespace waitstate::sidecar
