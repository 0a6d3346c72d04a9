#include <gtest/gtest.h>

#include "row_text.h"
#include "rows/readers.h"

namespace waitstate::paste {
namespace {

TEST(proc_net_tcp_row, reads_every_layout) {
  const struct {
    std::string_view line;
    std::string_view expected;
  } cases[] = {
      {"   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
       "637 1 000000008b11bbb0 100 0 0 10 0",
       "LISTEN 00000000=0.0.0.0|2024 00000000=0.0.0.0|0 rq=0 sq=0 uid=0 inode=637 timer=0:0ms"},
      {"   1: 0100007F:46A0 0100007F:C42C 06 00000000:00000000 03:00001470 00000000     0        0 "
       "0 3 0000000020f12122",
       "TIME-WAIT 0100007F=127.0.0.1|18080 0100007F=127.0.0.1|50220 rq=0 sq=0 inode=0 "
       "timer=3:52320ms"},
      {"   1: 0700000A:0050 0800000A:D753 08 00000001:00000012 02:000A0000 00000000  1000        0 "
       "4711 1 0000000020f12122 20 4 30 10 -1",
       "CLOSE-WAIT 0700000A=10.0.0.7|80 0800000A=10.0.0.8|55123 rq=18 sq=1 uid=1000 inode=4711 "
       "timer=2:6553600ms"},
      {"   0: 0000000000000000FFFF00000100007F:46A1 0000000000000000FFFF00000100007F:B8F6 06 "
       "00000000:00000000 03:00001469 00000000     0        0 0 3 00000000639bfa5b",
       "TIME-WAIT 0000000000000000FFFF00000100007F=127.0.0.1|18081 "
       "0000000000000000FFFF00000100007F=127.0.0.1|47350 rq=0 sq=0 inode=0 timer=3:52250ms"},
      {"   1: 00000000000000000000000001000000:46A1 B80D0120000000000000000007000000:8952 01 "
       "00000000:00000000 00:00000000 00000000     0        0 0 3 000000008ec19f1b",
       "ESTABLISHED 00000000000000000000000001000000=::1|18081 "
       "B80D0120000000000000000007000000=2001:db8::7|35154 rq=0 sq=0 inode=0 timer=0:0ms"},
      {"12:   1: 0700000A:0050 0800000A:D753 08 00000001:00000012",
       "CLOSE-WAIT 0700000A=10.0.0.7|80 0800000A=10.0.0.8|55123 rq=18 sq=1"},
      {"   1: 0700000A:0050 0800000A:D753 01 x y",
       "ESTABLISHED 0700000A=10.0.0.7|80 0800000A=10.0.0.8|55123"},
  };
  for (const auto& [line, expected] : cases) {
    EXPECT_EQ(to_text(read_proc_net_tcp_row(line)), expected) << line;
  }
}

TEST(proc_net_tcp_row, refuses_what_is_none) {
  for (const std::string_view line : {
           "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
           "timeout inode",
           "  481: 00000000:0044 00000000:0000 07 00000000:00000000 00:00000000 00000000     0     "
           "   0 12345 2 0000000000000000 0",
           "   1: 0700000A:0050 0800000A:D753 FF 00000001:00000012 02:000A0000",
           "   1: 0700000A:50 0800000A:D753 01",
       }) {
    EXPECT_EQ(to_text(read_proc_net_tcp_row(line)), "nothing") << line;
  }
}
}  // namespace
}  // namespace waitstate::paste
