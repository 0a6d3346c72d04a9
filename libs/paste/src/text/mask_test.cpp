#include "text/mask.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(mask, makes_one_word_of_what_stands_over_an_address) {
  struct row {
    std::string_view line;
    std::string_view wanted;
  };
  constexpr row rows[] = {
      {"a 6611 root 78u IPv4 63949 0t0 TCP [MY IP]:38808->1.0.0.1:https (SYN_SENT)",
       "a 6611 root 78u IPv4 63949 0t0 TCP [MY_IP]:38808->1.0.0.1:https (SYN_SENT)"},
      {"tcp 0 0 (public ip):443 <the client>:5566 ESTABLISHED",
       "tcp 0 0 [public_ip]:443 [the_client]:5566 ESTABLISHED"},
      {"tcp   518   0 172.17.0.2:80   #MyIP        :45998     CLOSE_WAIT  off (0.00/0/0)",
       "tcp   518   0 172.17.0.2:80 #MyIP:45998 CLOSE_WAIT  off (0.00/0/0)"},
      {"tcp 0 0 MY IP:443 1.2.3.4:5566 TIME_WAIT", "tcp 0 0 MY_IP:443 1.2.3.4:5566 TIME_WAIT"},
      {"ESTAB 0 0 my server ip:443 1.2.3.4:5566", "ESTAB 0 0 my_server_ip:443 1.2.3.4:5566"},
  };
  for (const auto& [line, wanted] : rows) {
    std::string scratch;
    EXPECT_EQ(with_whole_masks(line, scratch), wanted);
  }
}

TEST(mask, leaves_everything_else) {
  for (const std::string_view line :
       {"", ":80", "tcp 0 0 :80 1.2.3.4:5566 TIME_WAIT", "tcp 0 0 [::1]:80 [::1]:5566 TIME_WAIT",
        "listen tcp (see below): bind", "the server at host:443 did not answer",
        "tcp 0 0 10.0.0.1:80 10.0.0.2:81 ESTABLISHED - ", "Total: 12 34 - :80",
        "tcp 0 0 1.2.3.4:80 5.6.7.8:9 ESTABLISHED 12/java"}) {
    std::string scratch;
    EXPECT_EQ(with_whole_masks(line, scratch), line);
  }
}

}  // namespace
}  // namespace waitstate::paste
