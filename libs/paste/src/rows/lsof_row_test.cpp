#include <gtest/gtest.h>

#include "row_text.h"
#include "rows/readers.h"

namespace waitstate::paste {
namespace {

TEST(lsof_row, reads_every_layout) {
  const struct {
    std::string_view line;
    std::string_view expected;
  } cases[] = {
      {"{service} 27085 {user}   12u     IPv4 42056997      0t0      TCP "
       "ip-10-0-2-94.ec2.internal:45966->ec2-52-207-88-5.compute-1.amazonaws.com:https "
       "(CLOSE_WAIT)",
       "CLOSE-WAIT ip-10-0-2-94.ec2.internal|45966 ec2-52-207-88-5.compute-1.amazonaws.com|443 "
       "program={service} pid=27085 inode=42056997"},
      {"kraken    18582 22332     webapp   85u     IPv4           58003277         0t0      TCP "
       "localhost:57520->localhost:6379 (ESTABLISHED)",
       "ESTABLISHED localhost|57520 localhost|6379 program=kraken pid=18582 inode=58003277"},
      {"kraken    18582 22332     webapp   86u     IPv6           58006358         0t0      TCP "
       "localhost:afs3-fileserver->localhost:40387 (CLOSE_WAIT)",
       "CLOSE-WAIT localhost|7000 localhost|40387 program=kraken pid=18582 inode=58006358"},
      {"java      18582 22332 http-nio webapp   85u     IPv4           58003277         0t0      "
       "TCP 10.0.0.7:57520->10.0.0.8:6379 (ESTABLISHED)",
       "ESTABLISHED 10.0.0.7|57520 10.0.0.8|6379 program=java pid=18582 inode=58003277"},
      {"python3.1 79422 user   13u  IPv4  TCP "
       "...->ec2-54-175-190-121.compute-1.amazonaws.com:https (CLOSE_WAIT)",
       "CLOSE-WAIT ...|0 ec2-54-175-190-121.compute-1.amazonaws.com|443 program=python3.1 "
       "pid=79422"},
      {"nginx     1464 root    6u  IPv4  16123      0t0  TCP *:80 (LISTEN)",
       "LISTEN *|80 - program=nginx pid=1464 inode=16123"},
      {"nginx     1464 root    7u  IPv6  16124      0t0  TCP [::]:443 (LISTEN)",
       "LISTEN ::|443 - program=nginx pid=1464 inode=16124"},
      {"nginx     1464 root    7u  IPv6  16124      0t0  TCP [::1]:443->[::1]:51234 (ESTABLISHED)",
       "ESTABLISHED ::1|443 ::1|51234 program=nginx pid=1464 inode=16124"},
      {"Google    612 me   33u  IPv4 0x1234abcd5678ef90      0t0  TCP "
       "192.168.1.2:52345->17.1.2.3:https (CLOSED)",
       "CLOSED 192.168.1.2|52345 17.1.2.3|443 program=Google pid=612"},
      {"java      1464 www   77u  IPv4  42056997      0t0  TCP 10.0.0.7:80->10.0.0.8:55123 "
       "(CLOSE_W",
       "CLOSE-WAIT 10.0.0.7|80 10.0.0.8|55123 program=java pid=1464 inode=42056997"},
      {"java      1464 www   77u  IPv4  42056997      0t0  TCP 10.0.0.7:80->10.0.0.8:55123",
       "UNKNOWN 10.0.0.7|80 10.0.0.8|55123 program=java pid=1464 inode=42056997"},
      {"java      1464 www   77u  IPv4  42056997      0t0  TCP 10.0.0.7:80->10.0.0.8:55123 (QR=12 "
       "QS=0 CLOSE_WAIT)",
       "CLOSE-WAIT 10.0.0.7|80 10.0.0.8|55123 rq=12 sq=0 program=java pid=1464 inode=42056997"},
      {"java      1464 www   77u  IPv4  42056997      0t0  TCP 10.0.0.7:80 (BOUND)",
       "BOUND 10.0.0.7|80 - program=java pid=1464 inode=42056997"},
      {"12:java   1464 www   77u  IPv4  42056997      0t0  TCP 10.0.0.7:80->10.0.0.8:55123 "
       "(TIME_WAIT)",
       "TIME-WAIT 10.0.0.7|80 10.0.0.8|55123 program=java pid=1464 inode=42056997"},
      {"> java\t1464\twww\t77u\tIPv4\t42056997\t0t0\tTCP\tXX.XX.XX.XX:80->A.B.C.D:55123 (SYN_SENT)",
       "SYN-SENT XX.XX.XX.XX|80 A.B.C.D|55123 program=java pid=1464 inode=42056997"},
      {"java      XXXX www   77u  IPv4  42056997      0t0  TCP 10.0.0.7:80->10.0.0.8:55123 "
       "(CLOSE_WAIT)",
       "CLOSE-WAIT 10.0.0.7|80 10.0.0.8|55123 program=java inode=42056997"},
      {"node      1464 www   17u  IPv4  42056997      0t0  TCP "
       "{host}:{port}->api.example.com:https (CLOSE_WAIT)",
       "CLOSE-WAIT {host}|0 api.example.com|443 program=node pid=1464 inode=42056997"},
  };
  for (const auto& [line, expected] : cases) {
    EXPECT_EQ(to_text(read_lsof_row(line)), expected) << line;
  }
}

TEST(lsof_row, refuses_what_is_none) {
  for (const std::string_view line : {
           "COMMAND   PID   USER   FD      TYPE   DEVICE SIZE/OFF     NODE NAME",
           "kraken    18582 22332     webapp   89u     sock                0,7         0t0 "
           "58104830 can't identify protocol",
           "java      1464 www   78u  IPv4  42056997      0t0  UDP *:68",
           "java      1464 www   78u  sock  0,8      0t0  123 protocol: TCPv6",
           "java      1464 www   78u  unix 0xffff8800      0t0  123 /run/x type=STREAM",
           "java      1464 www   cwd  DIR  8,1  4096 2 /",
           "java      1464 www   txt  REG  8,1  4096 2 /usr/bin/java",
           "java      1464 www   1w  REG  8,1  4096 2 /var/log/x",
           "java      1464 www   3r  FIFO  0,12  0t0 2 pipe",
           "java      1464 www   4u  a_inode  0,13  0 2 [eventpoll]",
           "java      1464 www   5u  CHR  1,3  0t0 2 /dev/null",
           "java      1464 www   6u  IPv6 0xabc      0t0  TCP no PCB, CANTSENDMORE, CANTRCVMORE",
           "1\t/usr/local/bin/node\tsocket:[48829679]",
           "1\t/usr/local/bin/node\t/dev/null",
           "1\t/usr/local/bin/node\tpipe:[123]",
           "1\t/usr/local/bin/node\t/srv/log.txt",
           "1\t/usr/local/bin/node\tanon_inode:[eventpoll]",
           "java 1464 is using TCP 10.0.0.7:80",
           "we see IPv4 TCP 10.0.0.7:80->10.0.0.8:55123 (CLOSE_WAIT)",
       }) {
    EXPECT_EQ(to_text(read_lsof_row(line)), "nothing") << line;
  }
}

TEST(lsof_row, tells_what_every_other_descriptor_is) {
  using enum descriptor_kind;
  const struct {
    std::string_view line;
    lsof_other expected;
  } cases[] = {
      {"kraken 18582 22332 webapp 89u sock 0,7 0t0 58104830 can't identify protocol",
       {"kraken", 18582, socket_without_protocol}},
      {"java 1464 www 78u sock 0,8 0t0 123 protocol: TCPv6",
       {"java", 1464, socket_without_protocol}},
      {"java 1464 www 6u IPv6 0xabc 0t0 TCP no PCB, CANTSENDMORE, CANTRCVMORE",
       {"java", 1464, socket_without_protocol}},
      {"java 1464 www 78u IPv4 42056997 0t0 UDP *:68", {"java", 1464, other_socket}},
      {"java 1464 www 78u unix 0xffff8800 0t0 123 /run/x type=STREAM",
       {"java", 1464, other_socket}},
      {"java 1464 www 1w REG 8,1 4096 2 /var/log/x", {"java", 1464, file}},
      {"java 1464 www 3r FIFO 0,12 0t0 2 pipe", {"java", 1464, pipe}},
      {"java 1464 www 4u a_inode 0,13 0 2 [eventpoll]", {"java", 1464, other}},
      {"java 1464 www 5u CHR 1,3 0t0 2 /dev/null", {"java", 1464, other}},
      {"java 1464 www cwd DIR 8,1 4096 2 /", {"java", 1464, not_a_descriptor}},
      {"java 1464 www txt REG 8,1 4096 2 /usr/bin/java", {"java", 1464, not_a_descriptor}},
      {"1\t/usr/bin/node\tsocket:[48829679]", {"/usr/bin/node", 1, other_socket}},
      {"1\t/usr/bin/node\tpipe:[123]", {"/usr/bin/node", 1, pipe}},
      {"1\t/usr/bin/node\t/dev/null", {"/usr/bin/node", 1, other}},
      {"1\t/usr/bin/node\t/srv/log.txt", {"/usr/bin/node", 1, file}},
      {"1\t/usr/bin/node\tanon_inode:[eventpoll]", {"/usr/bin/node", 1, other}},
  };
  for (const auto& [line, expected] : cases) {
    EXPECT_EQ(read_lsof_other(line), std::optional(expected)) << line;
    EXPECT_FALSE(read_lsof_row(line)) << line;
  }
  for (const auto* line :
       {"", "COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME", "1 /usr/bin/node is here",
        "a 1 b 3u REGULAR words", "nginx 1 w 6u IPv4 16123 0t0 TCP *:80 (LISTEN)"}) {
    EXPECT_FALSE(read_lsof_other(line)) << line;
  }
}

TEST(lsof_row, is_read_by_one_reader_alone) {
  constexpr std::string_view line = "1 /a pipe:[1] x 2 u 3u IPv4 1 0t0 TCP *:80 (LISTEN)";
  EXPECT_TRUE(read_lsof_row(line));
  EXPECT_FALSE(read_lsof_other(line));
}

}  // namespace
}  // namespace waitstate::paste
