#include <gtest/gtest.h>

#include "row_text.h"
#include "rows/readers.h"

namespace waitstate::paste {
namespace {

TEST(netstat_windows_row, reads_every_layout) {
  const struct {
    std::string_view line;
    std::string_view expected;
  } cases[] = {
      {"  TCP    127.0.0.1:50515        127.0.0.1:50051        TIME_WAIT",
       "TIME-WAIT 127.0.0.1|50515 127.0.0.1|50051"},
      {"  TCP    [::1]:50515            [::1]:50051            TIME_WAIT       0",
       "TIME-WAIT ::1|50515 ::1|50051 no-owner"},
      {"  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       912",
       "LISTEN 0.0.0.0|135 0.0.0.0|0 pid=912"},
      {"  TCP    0.0.0.0:135            0.0.0.0:0              ABHÖREN         912",
       "LISTEN 0.0.0.0|135 0.0.0.0|0 pid=912"},
      {"  TCP    0.0.0.0:135            0.0.0.0:0              ABH�REN         912",
       "LISTEN 0.0.0.0|135 0.0.0.0|0 pid=912"},
      {"  TCP    10.0.0.7:50515         10.0.0.8:443           HERGESTELLT     4711",
       "ESTABLISHED 10.0.0.7|50515 10.0.0.8|443 pid=4711"},
      {"  TCP    10.0.0.7:50515         10.0.0.8:443           WARTEND         0",
       "TIME-WAIT 10.0.0.7|50515 10.0.0.8|443 no-owner"},
      {"  TCP    10.0.0.7:50515         10.0.0.8:443           ESTABLECIDO     4711     InHost",
       "ESTABLISHED 10.0.0.7|50515 10.0.0.8|443 pid=4711"},
      {"  TCP    10.0.0.7:50515         10.0.0.8:443           SCHLIESSEN_WARTEN   4711",
       "CLOSE-WAIT 10.0.0.7|50515 10.0.0.8|443 pid=4711"},
      {"  TCP    10.0.0.7:50515         10.0.0.8:443           ESTABLISHED     InHost",
       "ESTABLISHED 10.0.0.7|50515 10.0.0.8|443"},
      {"  TCP    MYPC:50515             server.domain:https    CLOSE_WAIT",
       "CLOSE-WAIT MYPC|50515 server.domain|443"},
      {"  TCP    [fe80::1%12]:445       [fe80::2%12]:51234     ESTABLISHED     4",
       "ESTABLISHED fe80::1|445 fe80::2|51234 pid=4"},
      {"  TCP    10.0.0.7:50515         10.0.0.8:443           мая нет      77",
       "UNKNOWN 10.0.0.7|50515 10.0.0.8|443 pid=77"},
      {"  TCP    [::]:445               [::]:0                 ÉCOUTE          4",
       "LISTEN ::|445 ::|0 pid=4"},
      {"  TCP    10.0.0.7:50515         0.0.0.0:0              BOUND           4711",
       "BOUND 10.0.0.7|50515 0.0.0.0|0 pid=4711"},
      {"  TCP    10.0.0.7:50515         10.0.0.8:443", "UNKNOWN 10.0.0.7|50515 10.0.0.8|443"},
      {"127.0.0.1                           50515     127.0.0.1                           50051    "
       "  TimeWait                 0",
       "TIME-WAIT 127.0.0.1|50515 127.0.0.1|50051 no-owner"},
      {"::                                  135       ::                                  0        "
       "  Listen                   912",
       "LISTEN ::|135 ::|0 pid=912"},
      {"10.0.0.7      50515     10.0.0.8     443    CloseWait   Internet       4711",
       "CLOSE-WAIT 10.0.0.7|50515 10.0.0.8|443 pid=4711"},
      {"10.0.0.7      50515     10.0.0.8     443    FinWait2   Internet",
       "FIN-WAIT-2 10.0.0.7|50515 10.0.0.8|443"},
      {"> \tTCP\t10.0.0.7:50515\t10.0.0.8:443\tCLOSE_WAIT\t4711",
       "CLOSE-WAIT 10.0.0.7|50515 10.0.0.8|443 pid=4711"},
      {R"(C:\>TCP    10.0.0.7:50515         10.0.0.8:443           LAST_ACK)",
       "LAST-ACK 10.0.0.7|50515 10.0.0.8|443"},
  };
  for (const auto& [line, expected] : cases) {
    EXPECT_EQ(to_text(read_netstat_windows_row(line)), expected) << line;
  }
}

TEST(netstat_windows_row, refuses_what_is_none) {
  for (const std::string_view line : {
           "  Proto  Local Address          Foreign Address        State           PID",
           "  Proto  Lokale Adresse         Remoteadresse          Status           PID",
           "  UDP    0.0.0.0:123            *:*                                    1234",
           "LocalAddress           LocalPort RemoteAddress       RemotePort State       "
           "AppliedSetting",
           "TCP error: foo: bar",
           "A TCP connection to 10.0.0.8:443 failed",
       }) {
    EXPECT_EQ(to_text(read_netstat_windows_row(line)), "nothing") << line;
  }
}

TEST(netstat_windows_row, takes_the_program_from_the_line_after) {
  row r{.pid = 7};
  const auto before = r;
  for (const auto* line : {"", "[]", "Can not obtain ownership information", "  RpcSs", "[x]",
                           "[2024-05-01 12:00:01.5]", "[nginx.exe] more"}) {
    EXPECT_FALSE(read_windows_program(line, r)) << line;
    EXPECT_EQ(r, before) << line;
  }
  EXPECT_TRUE(read_windows_program(" [nginx.exe]", r));
  EXPECT_EQ(r.program, "nginx.exe");
  EXPECT_TRUE(read_windows_program(" [My Program.exe]", r));
  EXPECT_EQ(r.program, "My Program.exe");
  EXPECT_TRUE(read_windows_program("[System]", r));
  EXPECT_EQ(r.program, "System");
}

}  // namespace
}  // namespace waitstate::paste
