#include <gtest/gtest.h>

#include "row_text.h"
#include "rows/readers.h"

namespace waitstate::paste {
namespace {

TEST(netstat_bsd_row, reads_every_layout) {
  const struct {
    std::string_view line;
    std::string_view expected;
  } cases[] = {
      {"tcp4       0      0  10.0.0.7.80    10.0.0.8.55123   ESTABLISHED",
       "ESTABLISHED 10.0.0.7|80 10.0.0.8|55123 rq=0 sq=0"},
      {"tcp6       0      0  fe80::1%lo0.49152      fe80::1%lo0.62000      CLOSE_WAIT",
       "CLOSE-WAIT fe80::1|49152 fe80::1|62000 rq=0 sq=0"},
      {"tcp46      0      0  *.8080                 *.*                    LISTEN",
       "LISTEN *|8080 *|0 rq=0 sq=0"},
      {"tcp4       0      0  *.*                    *.*                    CLOSED",
       "CLOSED *|0 *|0 rq=0 sq=0"},
      {"tcp        0      0  172.20.66.101.8080     172.20.66.3.17914      FIN_WAIT_2",
       "FIN-WAIT-2 172.20.66.101|8080 172.20.66.3|17914 rq=0 sq=0"},
      {"tcp4       0      0  localhost.http         localhost.51234        TIME_WAIT",
       "TIME-WAIT localhost|80 localhost|51234 rq=0 sq=0"},
      {"tcp6       0      0  2001:db8::7.443        2001:db8::8.51234      LAST_ACK",
       "LAST-ACK 2001:db8::7|443 2001:db8::8|51234 rq=0 sq=0"},
      {"tcp4       0      0  192.168.1.2.52345  17.1.2.3.443  ESTABLISHED 131072 131768   1234     "
       " 0 0x0102 0x00000008",
       "ESTABLISHED 192.168.1.2|52345 17.1.2.3|443 rq=0 sq=0 pid=1234"},
      {"tcp4       0      0  192.168.1.2.52345  17.1.2.3.443  TIME_WAIT 131072 131768      0      "
       "0 0x0102 0x00000008",
       "TIME-WAIT 192.168.1.2|52345 17.1.2.3|443 rq=0 sq=0 no-owner"},
      {"tcp4       0      0  192.168.1.2.52345  17.1.2.3.443  ESTABLISHED      5113      2034  "
       "131072  131768   com.apple.WebKi:1234   00102 00000008 000000000005f2a8 00000081 04000900  "
       "    2      0 000001",
       "ESTABLISHED 192.168.1.2|52345 17.1.2.3|443 rq=0 sq=0 program=com.apple.WebKi pid=1234"},
      {"tcp4       0      0  192.168.1.2.52345  17.1.2.3.443  CLOSE_WAIT      5113      2034  "
       "131072  131768   Google Chrome He:612   00102 00000008",
       "CLOSE-WAIT 192.168.1.2|52345 17.1.2.3|443 rq=0 sq=0 program=Google Chrome He pid=612"},
      {"tcp4  27/0/32                          *.pop3", "LISTEN *|110 - rq=27 sq=32 incomplete=0"},
      {"tcp4  76/0/50        XX.XX.XX.XX.5043",
       "LISTEN XX.XX.XX.XX|5043 - rq=76 sq=50 incomplete=0"},
      {"tcp6  0/0/128                          *.https", "LISTEN *|443 - rq=0 sq=128 incomplete=0"},
      {"0/0/128        127.0.0.1.8080", "LISTEN 127.0.0.1|8080 - rq=0 sq=128 incomplete=0"},
      {"tcp4  193/0/128", "LISTEN - - rq=193 sq=128 incomplete=0"},
      {"unix  193/0/128        /var/run/php-fpm.sock",
       "LISTEN /var/run/php-fpm.sock|0 - rq=193 sq=128 incomplete=0"},
      {"0/0/128        *.8080", "LISTEN *|8080 - rq=0 sq=128 incomplete=0"},
      {"0/0/128        fe80::1.8080", "LISTEN fe80::1|8080 - rq=0 sq=128 incomplete=0"},
      {"127.0.0.1.32881      127.0.0.1.32877      49152      0 49152      0 ESTABLISHED",
       "ESTABLISHED 127.0.0.1|32881 127.0.0.1|32877 rq=0 sq=0"},
      {"192.168.1.4.22       10.0.0.8.50123       64240     47 49640      2 CLOSE_WAIT",
       "CLOSE-WAIT 192.168.1.4|22 10.0.0.8|50123 rq=2 sq=47"},
      {"fffff800045a8000 tcp4 0 0 10.0.0.7.80 10.0.0.8.55123 SYN_RCVD",
       "SYN-RECEIVED 10.0.0.7|80 10.0.0.8|55123 rq=0 sq=0"},
      {"tcp4       0      0  10.0.0.7.80    10.0.0.8.55123",
       "UNKNOWN 10.0.0.7|80 10.0.0.8|55123 rq=0 sq=0"},
      {"tcp4       0      0  10.0.0.7.80    10.0.0.8.55123   ESTABL",
       "ESTABLISHED 10.0.0.7|80 10.0.0.8|55123 rq=0 sq=0"},
      {"> tcp4       0      0  <ip>.80    10.x.x.5.55123   ESTABLISHED",
       "ESTABLISHED <ip>|80 10.x.x.5|55123 rq=0 sq=0"},
  };
  for (const auto& [line, expected] : cases) {
    EXPECT_EQ(to_text(read_netstat_bsd_row(line)), expected) << line;
  }
}

TEST(netstat_bsd_row, refuses_what_is_none) {
  for (const std::string_view line : {
           "Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)",
           "Proto Listen         Local Address",
           "06/18/2021     10.5",
           "192.168.1.4.22  10.0.0.8.50123  64240  4777777777777  49640  2  CLOSE_WAIT",
           "12/10/2023 example.com",
           "Listen         Local Address",
           "tcp4       0      0  10.0.0.7.80",
           "udp4       0      0  *.68                   *.*",
           "udp46      0      0  *.*                    *.*",
           "unix  0/0/128        /var/run/x",
           "the tcp4 0 0 stack",
       }) {
    EXPECT_EQ(to_text(read_netstat_bsd_row(line)), "nothing") << line;
  }
}
}  // namespace
}  // namespace waitstate::paste
