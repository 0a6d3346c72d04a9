#include "text/text_endpoint.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

using reader = std::optional<text_endpoint> (*)(std::string_view);

struct endpoint_case {
  std::string_view word;
  std::string_view host;
  std::uint16_t port;
  std::string_view address;  ///< Empty: the host is no number.
};

void expect_read(reader read, const endpoint_case& c) {
  const auto read_word = read(c.word);
  EXPECT_TRUE(read_word) << c.word;
  const auto e = read_word.value_or(text_endpoint{});
  EXPECT_EQ(e.host, c.host) << c.word;
  EXPECT_EQ(e.port, c.port) << c.word;
  EXPECT_EQ(e.address.is_known() ? tcp::to_string(e.address) : "", c.address) << c.word;
}

TEST(text_endpoint, reads_the_forms_with_a_colon) {
  const endpoint_case cases[] = {
      {"10.0.0.7:80", "10.0.0.7", 80, "10.0.0.7"},
      {"10.0.0.7:65535", "10.0.0.7", 65535, "10.0.0.7"},
      {"0.0.0.0:*", "0.0.0.0", 0, "0.0.0.0"},
      {"*:80", "*", 80, ""},
      {"*:*", "*", 0, ""},
      {"[::1]:80", "::1", 80, "::1"},
      {"::1:80", "::1", 80, "::1"},
      {":::80", "::", 80, "::"},
      {":::*", "::", 0, "::"},
      {"[::]:*", "::", 0, "::"},
      {"[::ffff:10.0.0.7]:80", "::ffff:10.0.0.7", 80, "10.0.0.7"},
      {"::ffff:10.0.0.7:80", "::ffff:10.0.0.7", 80, "10.0.0.7"},
      {"fe80::1%eth0:80", "fe80::1", 80, "fe80::1"},
      {"[fe80::1%12]:80", "fe80::1", 80, "fe80::1"},
      {"[fe80::1]%eth0:80", "fe80::1", 80, "fe80::1"},
      {"127.0.0.53%lo:53", "127.0.0.53", 53, "127.0.0.53"},
      {"2001:db8:85a3:8d3:80", "2001:db8:85a3:8d3", 80, ""},
      {"localhost:https", "localhost", 443, ""},
      {"ec2-52-0-70-16.compute-1.amazonaws.com:https", "ec2-52-0-70-16.compute-1.amazonaws.com",
       443, ""},
      {"localhost:afs3-fileserver", "localhost", 7000, ""},
      {"localhost:no-such-service", "localhost", 0, ""},
      {"XX.XX.XX.XX:80", "XX.XX.XX.XX", 80, ""},
      {"10.x.x.5:443", "10.x.x.5", 443, ""},
      {"A.B.C.D:7443", "A.B.C.D", 7443, ""},
      {"<ip>:8080", "<ip>", 8080, ""},
      {"{host}:{port}", "{host}", 0, ""},
      {"xxx.xxx.xxx.xxx:xxxxx", "xxx.xxx.xxx.xxx", 0, ""},
      {"***:80", "***", 80, ""},
      {"[REDACTED]:80", "REDACTED", 80, ""},
      {"...:80", "...", 80, ""},
      {"10.0.0.7:", "10.0.0.7", 0, "10.0.0.7"},
  };
  for (const auto& c : cases) expect_read(read_colon_endpoint, c);
}

TEST(text_endpoint, refuses_words_that_are_none) {
  for (const auto* word :
       {"", ":", ":80", "10.0.0.7", "10.0.0.7:65536", "[::1", "[::1]", "[::1]x:80",
        "http://10.0.0.7:80", "2001:db8::7.443", "error:", "users:((\"nginx\"", "timer:(keepalive",
        "a,b:80", "[]:80", "%eth0:80"}) {
    EXPECT_FALSE(read_colon_endpoint(word)) << word;
  }
}

TEST(text_endpoint, reads_the_forms_with_a_dot) {
  const endpoint_case cases[] = {
      {"10.0.0.7.80", "10.0.0.7", 80, "10.0.0.7"},
      {"*.*", "*", 0, ""},
      {"*.pop3", "*", 110, ""},
      {"*.80", "*", 80, ""},
      {"::1.80", "::1", 80, "::1"},
      {"fe80::1%lo0.49152", "fe80::1", 49152, "fe80::1"},
      {"2001:db8::7.443", "2001:db8::7", 443, "2001:db8::7"},
      {"::ffff:10.0.0.7.80", "::ffff:10.0.0.7", 80, "10.0.0.7"},
      {"localhost.http", "localhost", 80, ""},
      {"XX.XX.XX.XX.5043", "XX.XX.XX.XX", 5043, ""},
      {"<ip>.5043", "<ip>", 5043, ""},
  };
  for (const auto& c : cases) expect_read(read_dot_endpoint, c);
  for (const auto* word :
       {"", ".", ".80", "10.0.0.7:80", "[::1]:80", ":::80", "localhost", "1.2.3.4.70000"}) {
    EXPECT_FALSE(read_dot_endpoint(word)) << word;
  }
}

TEST(text_endpoint, knows_the_remote_end_of_a_listener) {
  for (const auto* word : {"*:*", "0.0.0.0:*", "0.0.0.0:0", "[::]:*", ":::*"}) {
    EXPECT_TRUE(is_wildcard(read_colon_endpoint(word).value_or(text_endpoint{}))) << word;
  }
  for (const auto* word : {"*:80", "10.0.0.7:*", "0.0.0.0:80", "localhost:nobody-knows"}) {
    const text_endpoint wildcard{.host = "*"};
    EXPECT_FALSE(is_wildcard(read_colon_endpoint(word).value_or(wildcard))) << word;
  }
}

TEST(text_endpoint, tells_the_name_of_a_service_from_a_mask) {
  for (const std::string_view word : {"localhost:search-agent", "db.lan:XmlIpcRegSvc"}) {
    EXPECT_TRUE(read_colon_endpoint(word)->is_service) << word;
  }
  for (const std::string_view word :
       {"localhost:https", "10.0.0.1:80", "10.0.0.1:*", "10.0.0.1:XXXXX", "10.0.0.1:xx",
        "10.0.0.1:port", "10.0.0.1:"}) {
    EXPECT_FALSE(read_colon_endpoint(word)->is_service) << word;
  }
}

}  // namespace
}  // namespace waitstate::paste
