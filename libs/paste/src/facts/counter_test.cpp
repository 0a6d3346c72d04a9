#include "facts/counter.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

using procfs::counter;

TEST(counter, is_read_from_nstat_and_the_sentences_of_netstat) {
  struct row {
    std::string_view line, name;
    std::uint64_t value;
  };
  constexpr row rows[] = {
      {"TcpExtListenOverflows           1234               0.0", "TcpExt.ListenOverflows", 1234},
      {"TcpActiveOpens                  4711               0.0", "Tcp.ActiveOpens", 4711},
      {"    1234 times the listen queue of a socket overflowed", "TcpExt.ListenOverflows", 1234},
      {"    1300 SYNs to LISTEN sockets dropped", "TcpExt.ListenDrops", 1300},
      {"    12 connections reset due to unexpected data", "TcpExt.TCPAbortOnData", 12},
      {"    7 connections reset due to early user close", "TcpExt.TCPAbortOnClose", 7},
      {"    TCPTimeWaitOverflow: 482", "TcpExt.TCPTimeWaitOverflow", 482},
      {"    4711 active connections openings", "Tcp.ActiveOpens", 4711},
      {"        12 listen queue overflows", "TcpExt.ListenOverflows", 12},
      {"        22811 connect requests dropped due to full queue", "TcpExt.ListenOverflows", 22811},
      {"\t31 bad connection attempts", "Tcp.AttemptFails", 31},
      {"\t\t7 connections dropped by rexmit timeout", "TcpExt.TCPAbortOnTimeout", 7},
      {"    44 connections established", "Tcp.CurrEstab", 44},
      {"TcpExt.TCPTimeWaitOverflow 48211", "TcpExt.TCPTimeWaitOverflow", 48211},
      {"    812 Verbindungen aktiv geöffnet", "Tcp.ActiveOpens", 812},
      {"    90211 Segmente erneut geschickt", "Tcp.RetransSegs", 90211},
      {"\t226578 packets sent", "Tcp.OutSegs", 226578},
      {"\t\t40440 data packets (7010117 bytes) retransmitted", "Tcp.RetransSegs", 40440},
      {"\t\t1 data packet (1448 bytes) retransmitted", "Tcp.RetransSegs", 1},
  };
  for (const auto& [line, name, value] : rows) {
    EXPECT_EQ(read_counter(line), (counter{.name = std::string(name), .value = value})) << line;
  }
}

TEST(counter, is_none_elsewhere) {
  for (const std::string_view line :
       {"", "TCP: 5", "Tcp:", "12 monkeys", "Total 5", "12", "X 5", "00000000000000000000",
        "\t901212 connections established (including accepts)", "\t12 packets sent from this host",
        "\t\t7 data packets unnecessarily retransmitted", "\t\t9 data packets (99 bytes)",
        "Tcp.ExtPAWSActive 5"}) {
    EXPECT_EQ(read_counter(line), std::nullopt) << line;
  }
}

}  // namespace
}  // namespace waitstate::paste
