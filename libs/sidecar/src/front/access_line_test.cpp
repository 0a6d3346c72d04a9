#include "front/access_line.h"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

namespace waitstate::sidecar {
namespace {

using namespace std::chrono_literals;

TEST(access_line, says_what_became_of_a_request) {
  asio::io_context io;
  client_connection who{client_connection::socket_type(io)};
  who.port = 41712;
  access_entry e{.route = "api",
                 .request = "GET /\"x",
                 .status = "200",
                 .bytes = 13,
                 .took = 412us,
                 .waited = 10us,
                 .server = client::endpoint{.host = "10.0.0.5", .port = 80},
                 .was_reused = true,
                 .tries = 2};
  const std::chrono::system_clock::time_point at(1'764'518'521'123ms);
  EXPECT_EQ(access_line(e, who, at),
            "time=2025-11-30T16:02:01.123Z route=api client=\"port 41712\" request=\"GET /\\\"x\" "
            "status=200 bytes=13 ms=0.412 waited_ms=0.010 server=10.0.0.5:80 reused=yes tries=2");
  e.why = "bytes after the response";
  EXPECT_TRUE(access_line(e, who, at).ends_with(" tries=2 why=\"bytes after the response\""));
}

TEST(access_line, is_short_where_no_server_was_reached) {
  asio::io_context io;
  client_connection who{client_connection::socket_type(io)};
  who.pid = 77;
  const access_entry e{.route = "search",
                       .request = "find",
                       .status = "failed",
                       .is_client_gone = true,
                       .why = "nobody"};
  EXPECT_EQ(access_line(e, who, {}),
            "time=1970-01-01T00:00:00.000Z route=search client=\"pid 77\" request=\"find\" "
            "status=failed bytes=0 ms=0.000 tries=0 client_gone=yes why=\"nobody\"");
}

}  // namespace
}  // namespace waitstate::sidecar
