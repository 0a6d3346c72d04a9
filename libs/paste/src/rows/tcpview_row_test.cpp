#include <gtest/gtest.h>

#include "row_text.h"
#include "rows/readers.h"

namespace waitstate::paste {
namespace {

TEST(tcpview_row, reads_every_layout) {
  const struct {
    std::string_view line;
    std::string_view expected;
  } cases[] = {
      {"java.exe\t4312\tTCP\t10.0.0.4\t8080\t10.3.4.5\t51022\tCLOSE_WAIT\t12\t900",
       "CLOSE-WAIT 10.0.0.4|8080 10.3.4.5|51022 program=java.exe pid=4312"},
      {"SQL Server.exe 911 TCP web01.corp.example 51901 db.corp.example 1433 Established",
       "ESTABLISHED web01.corp.example|51901 db.corp.example|1433 program=Server.exe pid=911"},
      {"java.exe 4312 TCPV6 ::1 8080 ::1 51022 TIME_WAIT",
       "TIME-WAIT ::1|8080 ::1|51022 program=java.exe pid=4312"},
      {"[Time Wait] 0 TCP 10.0.0.4 51022 10.0.0.9 80 TIME_WAIT",
       "TIME-WAIT 10.0.0.4|51022 10.0.0.9|80 no-owner"},
      {"java.exe 4312 TCP 0.0.0.0 8080 0.0.0.0 0 LISTENING",
       "LISTEN 0.0.0.0|8080 0.0.0.0|0 program=java.exe pid=4312"},
      {"java.exe 4312 UDP 0.0.0.0 8080 * *", "nothing"},
      {"restart the 2 TCP services on 80", "nothing"},
      {"  TCP    10.0.0.7:80   10.0.0.8:55123   CLOSE_WAIT   7", "nothing"},
  };
  for (const auto& [line, expected] : cases) {
    EXPECT_EQ(to_text(read_tcpview_row(line)), expected) << line;
  }
}

}  // namespace
}  // namespace waitstate::paste
