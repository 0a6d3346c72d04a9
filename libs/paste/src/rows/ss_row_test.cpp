#include <gtest/gtest.h>

#include "row_text.h"
#include "rows/readers.h"

namespace waitstate::paste {
namespace {

TEST(ss_row, reads_every_layout) {
  const struct {
    std::string_view line;
    std::string_view expected;
  } cases[] = {
      {"tcp   ESTAB      0      0      10.0.0.7:80               10.0.0.8:55123",
       "ESTABLISHED 10.0.0.7|80 10.0.0.8|55123 rq=0 sq=0"},
      {R"(ESTAB      0      36     10.0.0.7:22   10.0.0.8:55123  timer:(on,200ms,0) users:(("sshd",pid=12,fd=3),("sshd",pid=10,fd=3)))",
       "ESTABLISHED 10.0.0.7|22 10.0.0.8|55123 rq=0 sq=36 program=sshd pid=12 timer=1:200ms"},
      {"LISTEN     0      128               0.0.0.0:2024             0.0.0.0:*     ino:637 "
       "sk:32002 cgroup:/ <->",
       "LISTEN 0.0.0.0|2024 0.0.0.0|0 rq=0 sq=128 uid=0 inode=637 cookie=32002"},
      {R"(LISTEN     129    128                     *:443                    *:*     users:(("trojan",21130,5)))",
       "LISTEN *|443 *|0 rq=129 sq=128 program=trojan pid=21130"},
      {R"(LISTEN  0   511   [::]:80   [::]:*   users:(("nginx: worker",pid=99,fd=7)))",
       "LISTEN ::|80 ::|0 rq=0 sq=511 program=nginx: worker pid=99"},
      {"LISTEN 0 128 :::22 :::*", "LISTEN ::|22 ::|0 rq=0 sq=128"},
      {"u_str LISTEN 101 100 /run/uwsgi/app.sock 40211 * 0",
       "LISTEN /run/uwsgi/app.sock|0 - rq=101 sq=100"},
      {R"(CLOSE-WAIT 1      0      ::ffff:10.0.0.7:8080   ::ffff:10.0.0.8:50212  users:(("java",1234,77)))",
       "CLOSE-WAIT ::ffff:10.0.0.7=10.0.0.7|8080 ::ffff:10.0.0.8=10.0.0.8|50212 rq=1 sq=0 "
       "program=java pid=1234"},
      {"CLOSE-WAIT 33 0 [::ffff:10.0.0.7]:8080 [::ffff:10.0.0.8]:50212 uid:1000 ino:585680 "
       "sk:32004 cgroup:/system.slice/app.service -->",
       "CLOSE-WAIT ::ffff:10.0.0.7=10.0.0.7|8080 ::ffff:10.0.0.8=10.0.0.8|50212 rq=33 sq=0 "
       "uid=1000 inode=585680 cookie=32004"},
      {"TIME-WAIT  0      0               127.0.0.1:50228          127.0.0.1:18080 "
       "timer:(timewait,57sec,0) ino:0 sk:3200a",
       "TIME-WAIT 127.0.0.1|50228 127.0.0.1|18080 rq=0 sq=0 inode=0 cookie=3200a timer=3:57000ms"},
      {R"(ESTAB 0 0 127.0.0.1:50220 127.0.0.1:18080 users:(("python3",pid=15183,fd=9)) timer:(keepalive,1min59sec,0) ino:585683 sk:32009 <->)",
       "ESTABLISHED 127.0.0.1|50220 127.0.0.1|18080 rq=0 sq=0 program=python3 pid=15183 uid=0 "
       "inode=585683 cookie=32009 timer=2:119000ms"},
      {"ESTAB 0 0 10.0.0.7:5 10.0.0.8:6 timer:(keepalive,1.020ms,0)",
       "ESTABLISHED 10.0.0.7|5 10.0.0.8|6 rq=0 sq=0 timer=2:1020ms"},
      {"ESTAB 0 0 10.0.0.7:5 10.0.0.8:6 timer:(persist,119min,3)",
       "ESTABLISHED 10.0.0.7|5 10.0.0.8|6 rq=0 sq=0 timer=4:7140000ms again=3"},
      {"ESTAB 0 0 10.0.0.7:5 10.0.0.8:6 timer:(on,,0)",
       "ESTABLISHED 10.0.0.7|5 10.0.0.8|6 rq=0 sq=0 timer=1:0ms"},
      {"tcp UNCONN 0 0 10.0.0.7:5000 0.0.0.0:*", "CLOSED 10.0.0.7|5000 0.0.0.0|0 rq=0 sq=0"},
      {R"(tcp   LISTEN 0      4096   127.0.0.53%lo:53        0.0.0.0:*    users:(("systemd-resolve",pid=601,fd=14)))",
       "LISTEN 127.0.0.53|53 0.0.0.0|0 rq=0 sq=4096 program=systemd-resolve pid=601"},
      {"ESTAB 0 0 [fe80::1]%eth0:22 [fe80::2]%eth0:5555",
       "ESTABLISHED fe80::1|22 fe80::2|5555 rq=0 sq=0"},
      {"ESTAB 0 0 [fe80::1%eth0]:22 [fe80::2%eth0]:5555",
       "ESTABLISHED fe80::1|22 fe80::2|5555 rq=0 sq=0"},
      {R"(tcp LISTEN 0 128 *:ssh *:*users:(("sshd",pid=5,fd=3)))",
       "LISTEN *|22 *|0 rq=0 sq=128 program=sshd pid=5"},
      {"SYN-SENT 0 1 10.2.1.61:57797 10.2.1.65:4984 timer:(on,1.5sec,0)",
       "SYN-SENT 10.2.1.61|57797 10.2.1.65|4984 rq=0 sq=1"},
      {"FIN-WAIT-1 0 1 {host}:https XX.XX.XX.XX:41234",
       "FIN-WAIT-1 {host}|443 XX.XX.XX.XX|41234 rq=0 sq=1"},
      {"12:TIME-WAIT 0 0 169.254.20.10:50066 169.254.20.10:8080",
       "TIME-WAIT 169.254.20.10|50066 169.254.20.10|8080 rq=0 sq=0"},
      {"> tcp\tESTAB\t0\t0\t10.0.0.7:80\t<ip>:55123",
       "ESTABLISHED 10.0.0.7|80 <ip>|55123 rq=0 sq=0"},
      {"$ LAST-ACK 0 1 10.0.0.7:80 10.0.0.8:55123",
       "LAST-ACK 10.0.0.7|80 10.0.0.8|55123 rq=0 sq=1"},
      {"2024-05-01 12:00:01 CLOSING 1 1 10.0.0.7:80 10.0.0.8:55123",
       "CLOSING 10.0.0.7|80 10.0.0.8|55123 rq=1 sq=1"},
      {"ESTAB 0 0 10.0.0.7:80", "ESTABLISHED 10.0.0.7|80 - rq=0 sq=0"},
      {"ESTAB 0 0 10.0.0.7:80 10.0.0", "ESTABLISHED 10.0.0.7|80 10.0.0|0 rq=0 sq=0"},
      {"ESTAB 0 0 2001:db8::7:443 2001:db8::8:51234",
       "ESTABLISHED 2001:db8::7|443 2001:db8::8|51234 rq=0 sq=0"},
      {"ESTAB 0 0 10.0.0.7:80 10.0.0.8:55123 ts sack cubic wscale:7,7 rto:204 lastsnd:120 "
       "lastrcv:350 lastack:40 pacing_rate 10Mbps",
       "ESTABLISHED 10.0.0.7|80 10.0.0.8|55123 rq=0 sq=0 data=350 ack=40"},
      {R"(ESTAB 0 0 10.0.0.7:80 10.0.0.8:55123 users:(("ngin)",
       "ESTABLISHED 10.0.0.7|80 10.0.0.8|55123 rq=0 sq=0 program=ngin"},
      {R"(ESTAB 0 0 10.0.0.7:80 10.0.0.8:55123 users:(("nginx",pid=12)",
       "ESTABLISHED 10.0.0.7|80 10.0.0.8|55123 rq=0 sq=0 program=nginx"},
  };
  for (const auto& [line, expected] : cases) {
    EXPECT_EQ(to_text(read_ss_row(line)), expected) << line;
  }
}

TEST(ss_row, refuses_what_is_none) {
  for (const std::string_view line : {
           "UNCONN     0 0 127.0.0.53%lo:53 0.0.0.0:*",
           "udp   ESTAB      0      0      10.0.0.7:68   10.0.0.1:67",
           "u_str ESTAB 0 0 * 12345 * 12346",
           "nl    UNCONN    4352   0                       4:15483                    *",
           "mptcp ESTAB 0 0 10.0.0.7:80 10.0.0.8:55123",
           "ESTAB 4294967296 0 10.0.0.7:80 10.0.0.8:55123",
           "ESTAB 0 0 nonsense more",
           "State      Recv-Q Send-Q      Local Address:Port        Peer Address:Port Process",
           "Recv-Q Send-Q Local Address:Port Peer Address:Port",
           "Netid  State   Recv-Q  Send-Q    Local Address:Port     Peer Address:Port",
           "The state is ESTAB 0 times out of 10.",
           "we saw LISTEN 3 times: a:80 b:80",
       }) {
    EXPECT_EQ(to_text(read_ss_row(line)), "nothing") << line;
  }
}

TEST(ss_row, reads_rows_whose_state_only_the_header_tells) {
  EXPECT_EQ(to_text(read_ss_row_without_state("1 0 10.0.0.7:80 10.0.0.8:55123 ino:7 sk:1f")),
            "UNKNOWN 10.0.0.7|80 10.0.0.8|55123 rq=1 sq=0 uid=0 inode=7 cookie=1f");
  EXPECT_EQ(to_text(read_ss_row_without_state("tcp   0      0   *:80   *:*")),
            "UNKNOWN *|80 *|0 rq=0 sq=0");
  for (const auto* line : {"", "1 0", "1 0 10.0.0.7:80", "udp 0 0 *:68 *:*", "1 0 is not"}) {
    EXPECT_FALSE(read_ss_row_without_state(line)) << line;
  }
}

row row_before(std::string_view line) {
  return read_ss_row(line).value_or(row{});
}

struct continued {
  std::string_view line;
  std::string_view expected;  ///< What is behind "ESTABLISHED 10.0.0.7|80 ".
};

TEST(ss_row, goes_on_with_the_line_that_ss_wrapped) {
  const continued cases[] = {
      {R"(         users:(("nginx",pid=12,fd=3)))", "10.0.0.8|9 program=nginx pid=12"},
      {"\t ts sack cubic wscale:7,7 rto:204 rtt:0.5/0.1 cwnd:10 lastsnd:4048 lastrcv:4050 "
       "lastack:40 pacing_rate 1bps",
       "10.0.0.8|9 data=4050 ack=40"},
      {"\t cubic rto:204 lastrcv:4050 pacing_rate 1bps", "10.0.0.8|9 data=4050 ack=0"},
      {"\t cubic rto:204 lastsnd:4050 pacing_rate 1bps", "10.0.0.8|9 data=0 ack=0"},
      {"\t cubic rto:204 lastsnd:4050 lastrcv:77", "10.0.0.8|9 data=77"},
      {"\t bbr cwnd:10      ", "10.0.0.8|9"},
      {"   timer:(odd,20min,5)", "10.0.0.8|9"},
      {"\t cubic rto:26112 backoff:7 unacked:10 retrans:1/9", "10.0.0.8|9 timer=1:0ms again=7"},
      {"\t cubic rto:26112 backoff:7 retrans:0/9", "10.0.0.8|9"},
      {"\t skmem:(r0,rb131072,t0,tb2626560,f0,w0,o0,bl0,d0)", "10.0.0.8|9"},
      {"   timer:(keepalive,1min,0) uid:33 ino:7 sk:1f",
       "10.0.0.8|9 uid=33 inode=7 cookie=1f "
       "timer=2:60000ms"},
  };
  for (const auto& [line, expected] : cases) {
    auto r = row_before("ESTAB 0 0 10.0.0.7:80 10.0.0.8:9");
    r.receive_queue = r.send_queue = std::nullopt;
    EXPECT_TRUE(read_ss_continuation(line, r)) << line;
    EXPECT_EQ(to_text(r), "ESTABLISHED 10.0.0.7|80 " + std::string(expected)) << line;
  }
}

TEST(ss_row, finds_the_peer_on_the_next_line) {
  auto r = row_before("ESTAB      0      0          [2001:db8::7]:443");
  EXPECT_TRUE(
      read_ss_continuation(R"(    [2001:db8::8]:51234   users:(("nginx",pid=12,fd=3)))", r));
  EXPECT_EQ(to_text(r),
            "ESTABLISHED 2001:db8::7|443 2001:db8::8|51234 rq=0 sq=0 program=nginx pid=12");
}

TEST(ss_row, leaves_a_row_alone_when_the_next_line_is_another_thing) {
  for (const auto* line : {"", "TIME-WAIT 0 0 10.0.0.7:80 10.0.0.8:9 ino:7 sk:1", "What users: do",
                           "State Recv-Q Send-Q Local Address:Port Peer Address:Port",
                           "note: see below", "tcp 0 0 10.0.0.7:80 10.0.0.8:9 TIME_WAIT"}) {
    for (const auto* first : {"ESTAB 0 0 10.0.0.7:80 10.0.0.8:9", "ESTAB 0 0 10.0.0.7:80"}) {
      auto r = row_before(first);
      const auto before = r;
      EXPECT_FALSE(read_ss_continuation(line, r)) << line;
      EXPECT_EQ(r, before) << line;
    }
  }
}

}  // namespace
}  // namespace waitstate::paste
