#include "waitstate/client/http/http_message.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

TEST(http_headers, are_found_without_regard_to_case_and_keep_their_order) {
  http_headers h;
  h.add("Set-Cookie", "a=1");
  h.add("set-cookie", "b=2");
  h.add("X", "");
  EXPECT_EQ(h.find("SET-COOKIE"), "a=1");
  EXPECT_EQ(h.find("x"), "");
  EXPECT_EQ(h.find("y"), std::nullopt);
  ASSERT_EQ(h.size(), 3U);
  EXPECT_EQ(h[1].value, "b=2");
  h.set("Set-Cookie", *h.find("set-cookie"));
  ASSERT_EQ(h.size(), 2U);
  EXPECT_EQ(h[0].name, "X");
  EXPECT_EQ(h[1].value, "a=1");
  h.remove("X");
  EXPECT_EQ(h.size(), 1U);
}

TEST(http_request, is_made_for_each_usual_method) {
  EXPECT_EQ(http_get("/a").method, "GET");
  EXPECT_EQ(http_get("/a").target, "/a");
  EXPECT_EQ(http_head("/a").method, "HEAD");
  EXPECT_EQ(http_delete("/a").method, "DELETE");
  const auto put = http_put("/a", "b", "text/plain");
  EXPECT_EQ(put.method, "PUT");
  EXPECT_EQ(put.body, "b");
  EXPECT_EQ(put.headers.find("Content-Type"), "text/plain");
  const auto post = http_post("/a", "b");
  EXPECT_EQ(post.method, "POST");
  EXPECT_EQ(post.body, "b");
  EXPECT_TRUE(post.headers.empty());
}

struct bad_case {
  std::string_view method;
  std::string target;
  std::string name;
  std::string value;
  std::string_view what;
};

TEST(http_request, that_would_be_something_else_on_the_wire_is_refused) {
  const bad_case cases[] = {
      {"GET ", "/", "", "", "http request: method 'GET ': not a word"},
      {"", "/", "", "", "http request: method '': not a word"},
      {"CONNECT", "/", "", "", "http request: method CONNECT: tunnels are not supported"},
      {"GET", "/a b", "", "",
       "http request: target '/a b': empty, or a blank, a control character or a byte that is not "
       "ASCII"},
      {"GET", "/\r\nX: y", "", "",
       "http request: target '/??X: y': empty, or a blank, a control character or a byte that is "
       "not ASCII"},
      {"GET", "/", "X\r\nY", "1",
       "http request: header name 'X??Y': empty, or a byte that names may not have"},
      {"GET", "/", "X:", "1",
       "http request: header name 'X:': empty, or a byte that names may not have"},
      {"GET", "/", "X", "1\r\nY: 2",
       "http request: header X: byte 2 of its value is a control character"},
      {"GET", "/", "X", std::string("1\0", 2),
       "http request: header X: byte 2 of its value is a control character"},
      {"GET", "/", "content-length", "1",
       "http request: header content-length: it follows from the request and the settings"},
      {"GET", "/", "Connection", "Upgrade",
       "http request: header Connection: 'Upgrade', it can only be 'close'"},
  };
  for (const auto& c : cases) {
    http_request r{.method = std::string(c.method), .target = c.target};
    if (!c.what.empty() && !(c.name.empty() && c.value.empty())) r.headers.add(c.name, c.value);
    const auto fine = check(r);
    ASSERT_FALSE(fine) << c.what;
    EXPECT_EQ(fine.error().code, errc::invalid_input);
    EXPECT_EQ(fine.error().what, c.what);
  }
}

TEST(http_request, for_two_hosts_is_refused) {
  http_request r;
  r.headers.add("Host", "a");
  EXPECT_TRUE(check(r));
  r.headers.add("host", "b");
  ASSERT_FALSE(check(r));
  EXPECT_EQ(check(r).error().what, "http request: header Host: it is there twice");
}

TEST(http_request, in_order_is_accepted) {
  http_request r{.target = "*"};
  r.headers.add("Accept", "text/plain;\tq=0.5");
  r.headers.add("X-Name", "\xc3\xa4");
  r.headers.add("Connection", "close");
  EXPECT_TRUE(check(r));
}

TEST(http_request, is_idempotent_by_its_method_or_by_its_key) {
  EXPECT_TRUE(is_idempotent({.method = "GET"}));
  EXPECT_TRUE(is_idempotent({.method = "DELETE"}));
  http_request post{.method = "POST"};
  EXPECT_FALSE(is_idempotent(post));
  EXPECT_FALSE(is_idempotent({.method = "PATCH"}));
  post.headers.add("idempotency-key", "7");
  EXPECT_TRUE(is_idempotent(post));
}

}  // namespace
}  // namespace waitstate::client
