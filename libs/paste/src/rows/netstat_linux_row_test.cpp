#include <gtest/gtest.h>

#include "row_text.h"
#include "rows/readers.h"

namespace waitstate::paste {
namespace {

TEST(netstat_linux_row, reads_every_layout) {
  const struct {
    std::string_view line;
    std::string_view expected;
  } cases[] = {
      {"tcp        0      0 0.0.0.0:2024            0.0.0.0:*               LISTEN      0          "
       "637        -                    off (0.00/0/0)",
       "LISTEN 0.0.0.0|2024 0.0.0.0|0 rq=0 sq=0 no-owner uid=0 inode=637 timer=0:0ms"},
      {"tcp        0      0 127.0.0.1:18080         127.0.0.1:50220         TIME_WAIT   0          "
       "0          -                    timewait (58.88/0/0)",
       "TIME-WAIT 127.0.0.1|18080 127.0.0.1|50220 rq=0 sq=0 no-owner inode=0 timer=3:58880ms"},
      {"tcp6       0      0 ::1:18081               ::1:35154               ESTABLISHED 0          "
       "0          5/java                    keepalive (7199.82/0/0)",
       "ESTABLISHED ::1|18081 ::1|35154 rq=0 sq=0 program=java pid=5 inode=0 timer=2:7199820ms"},
      {"tcp6      50      0 44.225.164.27:43434     44.225.137.196:52158    CLOSE_WAIT",
       "CLOSE-WAIT 44.225.164.27|43434 44.225.137.196|52158 rq=50 sq=0"},
      {"tcp6       0      0 44.225.164.27:52673     44.224.57.198:53551     VERBUNDEN",
       "ESTABLISHED 44.225.164.27|52673 44.224.57.198|53551 rq=0 sq=0"},
      {"tcp        1      0 XX.XX.XX.XX:80          YY.YY.YY.YY:29824       CLOSE_WAIT  "
       "1464/./mighty-20200 off (0.00/0/0)",
       "CLOSE-WAIT XX.XX.XX.XX|80 YY.YY.YY.YY|29824 rq=1 sq=0 program=./mighty-20200 pid=1464 "
       "timer=0:0ms"},
      {"tcp        0      0 127.0.0.1:37713         127.0.0.1:80            TIME_WAIT   -",
       "TIME-WAIT 127.0.0.1|37713 127.0.0.1|80 rq=0 sq=0 no-owner"},
      {"tcp       32      0 150.95.191.124:60739    54.65.136.43:9443       CLOSE_WAIT  1001       "
       "         2082272             9337/dotnet         off (0.00/0/0)",
       "CLOSE-WAIT 150.95.191.124|60739 54.65.136.43|9443 rq=32 sq=0 program=dotnet pid=9337 "
       "uid=1001 inode=2082272 timer=0:0ms"},
      {"tcp        1      0 A.B.C.D:7443     0.0.0.0:*               LISTEN      12462/freeswitch",
       "LISTEN A.B.C.D|7443 0.0.0.0|0 rq=1 sq=0 program=freeswitch pid=12462"},
      {"tcp        0      1 10.2.1.61:57797         10.2.1.65:4984          SYN_SENT    "
       "25525/nginx: worker on (0.21/3/0)",
       "SYN-SENT 10.2.1.61|57797 10.2.1.65|4984 rq=0 sq=1 program=nginx: worker pid=25525 "
       "timer=1:210ms again=3"},
      {"tcp        0      0 10.0.0.7:22             10.0.0.8:5555           ESTABLISHED root       "
       "16123      1234/sshd: root@pts  keepalive (12.34/0/0)",
       "ESTABLISHED 10.0.0.7|22 10.0.0.8|5555 rq=0 sq=0 program=sshd: root@pts pid=1234 "
       "inode=16123 timer=2:12340ms"},
      {"tcp        0      5 10.0.0.7:22             10.0.0.8:5555           ESTABLISHED 12/sshd  "
       "probe (3.10/0/2)",
       "ESTABLISHED 10.0.0.7|22 10.0.0.8|5555 rq=0 sq=5 program=sshd pid=12 timer=4:3100ms"},
      {"tcp        0      0 10.0.0.7:22             10.0.0.8:5555           ESTABLISHED www-data   "
       "4711",
       "ESTABLISHED 10.0.0.7|22 10.0.0.8|5555 rq=0 sq=0 inode=4711"},
      {"tcp6       0      0 :::80                   :::*                    LISTEN      1/init",
       "LISTEN ::|80 ::|0 rq=0 sq=0 program=init pid=1"},
      {"tcp6       0      0 2001:db8:85a3:8d3:443   2001:db8:1:2:33:51234   ESTABLISHED -",
       "ESTABLISHED 2001:db8:85a3:8d3|443 2001:db8:1:2:33|51234 rq=0 sq=0 no-owner"},
      {"tcp6       0      0 ::ffff:10.0.0.1:80      ::ffff:10.0.0.2:41234   FIN_WAIT2   -",
       "FIN-WAIT-2 ::ffff:10.0.0.1=10.0.0.1|80 ::ffff:10.0.0.2=10.0.0.2|41234 rq=0 sq=0 no-owner"},
      {"tcp6       0      0 fe80::1%eth0:80         fe80::2%eth0:41234      FIN_WAIT1   -",
       "FIN-WAIT-1 fe80::1|80 fe80::2|41234 rq=0 sq=0 no-owner"},
      {"tcp        0      0 ip-10-0-2-94.ec2.i:ssh  ec2-52-0-70-16.c:https  CLOSE_WAIT  -",
       "CLOSE-WAIT ip-10-0-2-94.ec2.i|22 ec2-52-0-70-16.c|443 rq=0 sq=0 no-owner"},
      {"tcp        0      0 localhost:mysql         localhost:41378         TIME_WAIT   <pid>/java",
       "TIME-WAIT localhost|3306 localhost|41378 rq=0 sq=0 program=java"},
      {"tcp        0      0 10.0.0.7:80             10.0.0.8:41234          CLOSE_WAI",
       "CLOSE-WAIT 10.0.0.7|80 10.0.0.8|41234 rq=0 sq=0"},
      {"tcp        0      0 10.0.0.7:80             10.0.0.8:41234",
       "UNKNOWN 10.0.0.7|80 10.0.0.8|41234 rq=0 sq=0"},
      {"tcp        0      0 0.0.0.0:80              0.0.0.0:*",
       "LISTEN 0.0.0.0|80 0.0.0.0|0 rq=0 sq=0"},
      {"tcp        0      0 0.0.0.0:80              0.0.0.0:*               NGHE",
       "LISTEN 0.0.0.0|80 0.0.0.0|0 rq=0 sq=0"},
      {"tcp        0      0 10.0.0.7:80             10.0.0.8:41234          EN ÉCOUTE   12/x",
       "LISTEN 10.0.0.7|80 10.0.0.8|41234 rq=0 sq=0 program=x pid=12"},
      {"tcp        0      0 10.0.0.7:80             10.0.0.8:41234          NIEMAND   12/x",
       "UNKNOWN 10.0.0.7|80 10.0.0.8|41234 rq=0 sq=0 program=x pid=12"},
      {"12:tcp        0      0 10.0.0.7:80             10.0.0.8:41234          LAST_ACK",
       "LAST-ACK 10.0.0.7|80 10.0.0.8|41234 rq=0 sq=0"},
      {"> tcp        0      0 10.0.0.7:80             10.0.0.8:41234          SYN_RECV    -",
       "SYN-RECEIVED 10.0.0.7|80 10.0.0.8|41234 rq=0 sq=0 no-owner"},
      {"out.txt:tcp\t0\t0\t10.0.0.7:80\t10.0.0.8:41234\tCLOSING",
       "CLOSING 10.0.0.7|80 10.0.0.8|41234 rq=0 sq=0"},
      {"[2024-05-01 12:00:01] tcp 0 0 10.0.0.7:80 10.0.0.8:41234 TIME_WAIT",
       "TIME-WAIT 10.0.0.7|80 10.0.0.8|41234 rq=0 sq=0"},
      {"tcp 127.0.0.1:80 127.0.0.1:555 TIME_WAIT", "TIME-WAIT 127.0.0.1|80 127.0.0.1|555"},
      {"127.0.0.1:80 127.0.0.1:555 TIME_WAIT", "TIME-WAIT 127.0.0.1|80 127.0.0.1|555"},
      {"tcp        0      0 10.0.0.7:80             10.0.0.8:41234          ESTABLISHED 1234/Web "
       "Content  off (0.00/0/0)",
       "ESTABLISHED 10.0.0.7|80 10.0.0.8|41234 rq=0 sq=0 program=Web Content pid=1234 timer=0:0ms"},
      {"tcp        0      0 192.168.0.5:ssh             *:*                     LISTEN",
       "LISTEN 192.168.0.5|22 *|0 rq=0 sq=0"},
  };
  for (const auto& [line, expected] : cases) {
    EXPECT_EQ(to_text(read_netstat_linux_row(line)), expected) << line;
  }
}

TEST(netstat_linux_row, refuses_what_is_none) {
  for (const std::string_view line : {
           "Proto Recv-Q Send-Q Local Address           Foreign Address         State       "
           "PID/Program name",
           "127.0.0.1:80 127.0.0.1:555 nothing",
           "udp        0      0 0.0.0.0:68              0.0.0.0:*                           "
           "610/dhclient",
           "unix  2      [ ACC ]     STREAM     LISTENING     12345    1/init               "
           "/run/systemd/private",
           "tcp 0 0 10.0.0.7:80 10.0.0",
           "tcp 0 0 10.0.0.7:80",
           "dial tcp 10.0.0.7:80: connect: cannot assign requested address",
           "2021/06/18 08:27:39 http: Accept error: accept tcp [::]:8080: accept4: too many open "
           "files; retrying in 1s",
           "tcp_tw_reuse = 1",
           "The tcp port 80 was in TIME_WAIT",
           "Active Internet connections (servers and established)",
           "tcp4       0      0  2001:db8::7.443  10.0.0.8.55123   ESTABLISHED",
           R"(  File "a.py": tcp 0 0 x y)",
       }) {
    EXPECT_EQ(to_text(read_netstat_linux_row(line)), "nothing") << line;
  }
}
}  // namespace
}  // namespace waitstate::paste
