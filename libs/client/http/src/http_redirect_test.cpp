#include "http_redirect.h"

#include <utility>

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

struct redirect_case {
  std::string_view method;
  std::uint16_t status;
  std::string_view location;
  std::string_view wanted;  ///< "METHOD url body cookie", or empty when it is not followed
};

TEST(http_redirect, goes_on_as_browsers_do) {
  const auto from = parse_http_url("http://a/x").value();
  const redirect_case cases[] = {
      {"GET", 301, "/y", "GET http://a/y b c"},
      {"POST", 301, "/y", "GET http://a/y  c"},
      {"POST", 302, "/y", "GET http://a/y  c"},
      {"PUT", 302, "/y", "PUT http://a/y b c"},
      {"PUT", 303, "/y", "GET http://a/y  c"},
      {"HEAD", 303, "/y", "HEAD http://a/y b c"},
      {"POST", 307, "/y", "POST http://a/y b c"},
      {"POST", 308, "/y", "POST http://a/y b c"},
      {"GET", 302, "http://b/y", "GET http://b/y b "},
      {"GET", 302, "https://a/y", "GET https://a/y b "},
      {"GET", 302, "http://a:81/y", "GET http://a:81/y b "},
      {"GET", 304, "/y", ""},
      {"GET", 300, "/y", ""},
      {"GET", 200, "/y", ""},
  };
  for (const auto& c : cases) {
    http_request request{.method = std::string(c.method), .target = "http://a/x"};
    request.body = "b";
    request.headers.add("cookie", "c");
    http_response response{.status = c.status};
    response.headers.add("location", c.location);
    const auto goes_on = redirect(request, from, response);
    ASSERT_TRUE(goes_on) << goes_on.error().what;
    std::string got;
    if (*goes_on) {
      got = request.method + " " + request.target + " " + request.body + " ";
      got += request.headers.find("Cookie").value_or("");
    }
    EXPECT_EQ(got, c.wanted) << c.method << " " << c.status << " " << c.location;
  }
}

TEST(http_redirect, takes_no_field_to_another_origin_that_may_be_a_key) {
  const auto from = parse_http_url("http://a/x").value();
  for (const auto& [location, kept] : {std::pair("/y", 4U), std::pair("http://b/y", 2U)}) {
    http_request request{.target = "http://a/x"};
    request.headers.add("X-Api-Key", "secret");
    request.headers.add("accept", "text/html");
    request.headers.add("traceparent", "00-1");
    request.headers.add("Authorization", "Bearer secret");
    http_response response{.status = 302};
    response.headers.add("Location", location);
    EXPECT_TRUE(redirect(request, from, response).value());
    EXPECT_EQ(request.headers.size(), kept) << location;
    EXPECT_EQ(request.headers.find("Accept"), "text/html");
    EXPECT_EQ(request.headers.find("Traceparent"), "00-1");
  }
}

TEST(http_redirect, is_an_error_to_what_is_no_http_url) {
  const auto from = parse_http_url("http://a/x?token=1").value();
  http_response response{.status = 302};
  response.headers.add("Location", "ftp://b/?token=2");
  http_request request{.target = "http://a/x"};
  const auto goes_on = redirect(request, from, response);
  ASSERT_FALSE(goes_on);
  EXPECT_EQ(request.target, "http://a/x");
  EXPECT_EQ(
      goes_on.error().what,
      "redirect from 'http://a/x?...': url 'ftp://b/?...': it starts with neither http:// nor "
      "https://");
}

TEST(http_redirect, is_not_followed_with_a_body_that_is_used_up) {
  const auto from = parse_http_url("http://a/x").value();
  http_request request{.method = "POST", .target = "http://a/x"};
  request.source = http_body_source{};
  http_response response{.status = 307};
  response.headers.add("Location", "/y");
  EXPECT_FALSE(redirect(request, from, response).value());
  EXPECT_TRUE(request.source);
}

}  // namespace
}  // namespace waitstate::client
