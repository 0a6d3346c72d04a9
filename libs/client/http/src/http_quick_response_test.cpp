#include "http_quick_response.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "http_response_parser.h"
#include "mutated.h"

namespace waitstate::client {
namespace {

const http_limits limits{.header_max = 256, .body_max = 64};

std::string text_of(const http_response& r) {
  auto text = std::to_string(r.status) + '\n' + r.reason + '\n';
  for (std::size_t i = 0; i < r.headers.size(); ++i) {
    text.append(r.headers[i].name).append("=").append(r.headers[i].value).append("\n");
  }
  return text + '\n' + r.body;
}

/// What the parser makes of it in two pieces, of which the first is too short to be read quickly.
std::string slowly(std::string_view bytes) {
  http_response_parser parser(limits, http_response_parser::body::whole);
  const auto first = parser.put(bytes.substr(0, 1));
  if (!first) return "no: " + first.error().what;
  const auto rest = parser.put(bytes.substr(*first));
  if (!rest) return "no: " + rest.error().what;
  if (!parser.is_done()) return "more to come";
  return text_of(parser.response()) + (parser.keeps_connection() ? " kept " : " ") +
         std::to_string(*first + *rest);
}

std::string quickly(std::string_view bytes) {
  http_response response;
  const auto got = read_quickly(bytes, limits, response);
  if (!got) return {};
  return text_of(response) + (got->keeps_connection ? " kept " : " ") + std::to_string(got->used);
}

const std::vector<std::string>& usual() {
  static const std::vector<std::string> all{
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
      "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Mon, 30 Nov 2026 15:00:00 GMT\r\nContent-Type: "
      "text/plain\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello",
      "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nCONNECTION: Close\r\n\r\n",
      "HTTP/1.1 500 \r\nContent-Length:3\r\nA:  b  \r\nA:\r\n\r\nabcHTTP/1.1 200 OK\r\n"};
  return all;
}

TEST(http_quick_response, reads_the_usual_ones_as_the_parser_does) {
  for (const auto& response : usual()) {
    ASSERT_FALSE(quickly(response).empty()) << response;
    EXPECT_EQ(quickly(response), slowly(response)) << response;
  }
}

TEST(http_quick_response, leaves_to_the_parser_what_takes_a_second_look) {
  const std::string fine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n";
  for (const auto& other : std::vector<std::string>{
           "",
           fine,
           fine + "\r\nh",
           fine + "Transfer-Encoding: chunked\r\n\r\nhi",
           fine + "Content-Length: 2\r\n\r\nhi",
           fine + "Connection: close, x\r\n\r\nhi",
           fine + "Upgrade: h2c\r\n\r\nhi",
           fine + "Proxy-Connection: close\r\n\r\nhi",
           fine + " folded\r\n\r\nhi",
           fine + "A b: c\r\n\r\nhi",
           fine + "A: \x01\r\n\r\nhi",
           fine + "A: b\n\r\nhi",
           fine + "A: " + std::string(256, 'b') + "\r\n\r\nhi",
           "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
           "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n",
           "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
           "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi",
           "HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\nhi",
           "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nhi",
           "HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n" + std::string(65, 'b'),
           "HTTP/1.1 200 OK\r\n\r\nhi"}) {
    EXPECT_EQ(quickly(other), "") << other;
  }
}

TEST(http_quick_response, reads_whatever_it_reads_as_the_parser_does) {
  std::uint64_t read = 0;
  const auto count = mutations_count() * 60;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto response = mutated(usual()[i % usual().size()], seeded_random(i));
    const auto quick = quickly(response);
    if (quick.empty()) continue;
    ++read;
    ASSERT_EQ(quick, slowly(response)) << response;
  }
  EXPECT_GT(read, count / 20);
}

}  // namespace
}  // namespace waitstate::client
