#include "waitstate/client/http/http_url.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

struct good_case {
  std::string_view text;
  http_url url;
  std::string_view again;
};

TEST(http_url, is_taken_apart_and_put_together_again) {
  const good_case cases[] = {
      {"http://a.example/x?y=1", {false, "a.example", 80, "/x?y=1"}, "http://a.example/x?y=1"},
      {"https://a.example", {true, "a.example", 443, "/"}, "https://a.example/"},
      {"HTTP://A.Example:8080/X", {false, "a.example", 8080, "/X"}, "http://a.example:8080/X"},
      {"http://[::1]:81/", {false, "::1", 81, "/"}, "http://[::1]:81/"},
      {"https://[2001:DB8::1]?q", {true, "2001:db8::1", 443, "/?q"}, "https://[2001:db8::1]/?q"},
      {"http://a:80/#part", {false, "a", 80, "/"}, "http://a/"},
      {"http://a:/", {false, "a", 80, "/"}, "http://a/"},
      {"https://a:80/", {true, "a", 80, "/"}, "https://a:80/"},
  };
  for (const auto& c : cases) {
    const auto url = parse_http_url(c.text);
    ASSERT_TRUE(url) << c.text << ": " << url.error().what;
    EXPECT_EQ(*url, c.url) << c.text;
    EXPECT_EQ(to_string(*url), c.again);
    EXPECT_EQ(parse_http_url(c.again), c.url);
  }
}

TEST(http_url, that_is_none_is_refused_with_the_reason) {
  const std::pair<std::string, std::string_view> cases[] = {
      {"ftp://a/", "url 'ftp://a/': it starts with neither http:// nor https://"},
      {"a/b", "url 'a/b': it starts with neither http:// nor https://"},
      {"http://", "url 'http://': no host"},
      {"http:///x", "url 'http:///x': no host"},
      {"http://a:0/", "url 'http://a:0/': the port is not a number from 1 to 65535"},
      {"http://a:65536/", "url 'http://a:65536/': the port is not a number from 1 to 65535"},
      {"http://::1/", "url 'http://::1/': IPv6 needs brackets"},
      {"http://[::1/", "url 'http://[::1/': no ] after the address"},
      {"http://[a]/", "url 'http://[a]/': not an IPv6 address between the brackets"},
      {"http://[::1]8/", "url 'http://[::1]8/': not a port after the address"},
      {"http://u:p@a/", "url 'http://***@a/': a user name or password in it is not supported"},
      {"http://u:p/w@a/", "url 'http://***@a/': the port is not a number from 1 to 65535"},
      {"u:p@a", "url '***@a': it starts with neither http:// nor https://"},
      {"http://a%2e/", "url 'http://a%2e/': not a host"},
      {"http://a/b c",
       "url 'http://a/b c': a blank, a control character or a byte that is not "
       "ASCII"},
      {"http://a/\r\nX: y",
       "url 'http://a/??X: y': a blank, a control character or a byte that "
       "is not ASCII"},
      {"http://a/\xc3\xa4",
       "url 'http://a/?\?': a blank, a control character or a byte that is "
       "not ASCII"},
  };
  for (const auto& [text, what] : cases) {
    const auto url = parse_http_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, errc::invalid_input);
    EXPECT_EQ(url.error().what, what);
  }
  EXPECT_FALSE(parse_http_url("http://a/" + std::string(40'000, 'x')));
  EXPECT_FALSE(parse_http_url("http://" + std::string(254, 'x') + "/"));
}

TEST(http_url, resolves_what_a_redirect_points_to) {
  const auto base = parse_http_url("http://a:81/b/c/d?q").value();
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"g", "http://a:81/b/c/g"},     {"./g", "http://a:81/b/c/g"},
      {"g/", "http://a:81/b/c/g/"},   {"/g", "http://a:81/g"},
      {"//g", "http://g/"},           {"?y", "http://a:81/b/c/d?y"},
      {"g?y", "http://a:81/b/c/g?y"}, {"#s", "http://a:81/b/c/d?q"},
      {"g#s", "http://a:81/b/c/g"},   {"", "http://a:81/b/c/d?q"},
      {".", "http://a:81/b/c/"},      {"..", "http://a:81/b/"},
      {"../g", "http://a:81/b/g"},    {"../../../g", "http://a:81/g"},
      {"/./g", "http://a:81/g"},      {"/a/../g/.", "http://a:81/g/"},
      {"https://x/y", "https://x/y"}, {"g?y/./x", "http://a:81/b/c/g?y/./x"},
  };
  for (const auto& [reference, wanted] : cases) {
    const auto url = resolve_reference(base, reference);
    ASSERT_TRUE(url) << reference << ": " << url.error().what;
    EXPECT_EQ(to_string(*url), wanted) << reference;
  }
  EXPECT_FALSE(resolve_reference(base, "ftp://x/"));
  EXPECT_FALSE(resolve_reference(base, "javascript:1"));
  EXPECT_FALSE(resolve_reference(base, "/\r\nX: y"));
}

TEST(http_url, is_told_without_what_may_be_secret) {
  EXPECT_EQ(without_secrets("http://a/b"), "http://a/b");
  EXPECT_EQ(without_secrets("http://a/b?token=x&y=?"), "http://a/b?...");
  EXPECT_EQ(without_secrets("/b?token=x"), "/b?...");
  EXPECT_EQ(without_secrets("http://u:p?w@a/b"), "http://***@a/b");
  EXPECT_EQ(parse_http_url("http://a/b?token=x y").error().what.substr(0, 24),
            "url 'http://a/b?...': a ");
}

}  // namespace
}  // namespace waitstate::client
