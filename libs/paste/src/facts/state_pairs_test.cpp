#include "facts/state_pairs.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

using tcp::state;

TEST(state_pairs, are_read_as_monitoring_prints_them) {
  const std::vector<state_pair> both{{state::close_wait, 4'120}, {state::established, 12}};
  for (const std::string_view line :
       {"CLOSE_WAIT 4120, ESTABLISHED 12", "{\"CLOSE_WAIT\": 4120, \"ESTABLISHED\": 12}",
        "close_wait: 4,120, established: 12", "tcp_close_wait=4120 tcp_established=12",
        "2024-05-01 10:00:00 CLOSE_WAIT=4120 ESTABLISHED=12", "4120 CLOSE_WAIT, 12 ESTABLISHED",
        "CLOSE_WAIT (4120), ESTABLISHED (12)", "CLOSE_WAIT=4120;ESTABLISHED=12",
        "CRITICAL - CLOSE_WAIT: 4120 (w: 200, c: 500) | close_wait=4120;200;500;0 established=12",
        "TCP WARNING | 'close_wait'=4120;; 'established'=12;;",
        "netstat,host=app1 tcp_close_wait=4120i,tcp_established=12i,udp_socket=4i 1634000000"}) {
    EXPECT_EQ(read_state_pairs(line), both) << line;
  }
  const std::vector<state_pair> one{{state::close_wait, 4'120}};
  for (const std::string_view line :
       {"* CLOSE_WAIT (4120)", "state close-wait: 4120", "netstat,state=CLOSE_WAIT value=4120",
        "tcp_close_wait 4120", "CLOSE_WAIT entries: **4,120**", "4120 connections in CLOSE_WAIT",
        "CLOSE_WAIT 4120 (98%)", "2023-05-01 10:00:00,CLOSE_WAIT,4120",
        "Last value: TCP CLOSE_WAIT = 4,120",
        "PUTVAL \"app1/tcpconns-8080-local/tcp_connections-CLOSE_WAIT\" interval=10 163400:4120"}) {
    EXPECT_EQ(read_state_pairs(line), one) << line;
  }
}

TEST(state_pairs, are_in_no_row_no_prose_and_no_configuration) {
  for (const std::string_view line :
       {"", "CLOSE_WAIT", "4120", "listen 80;", "LISTEN 0 128 *:80", "wait 5",
        "tcp 0 0 10.0.0.1:80 10.0.0.2:50000 CLOSE_WAIT", "TIME_WAIT 60 seconds is the default",
        "There are 4120 sockets in CLOSE_WAIT on this box", "CLOSE_WAIT 12 13",
        "CLOSE_WAIT 12 13 ESTABLISHED", "ESTAB 0 0 10.0.0.1:80 10.0.0.2:5",
        "net.ipv4.tcp_max_tw_buckets = 5", "TCP: 14 (estab 1, closed 0, orphaned 10)"}) {
    EXPECT_TRUE(read_state_pairs(line).empty()) << line;
  }
}

}  // namespace
}  // namespace waitstate::paste
