#include "facts/counter_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

using procfs::counter;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(counter_table, is_read_from_windows_and_solaris) {
  EXPECT_THAT(read_counter_table("  Active Opens                        = 4711"),
              ElementsAre(counter{.name = "Tcp.ActiveOpens", .value = 4711}));
  EXPECT_THAT(read_counter_table("  Failed Connection Attempts          = 12"),
              ElementsAre(counter{.name = "Tcp.AttemptFails", .value = 12}));
  EXPECT_THAT(
      read_counter_table("TCP     tcpRtoAlgorithm     =     4     tcpRtoMin           =   400"),
      IsEmpty());
  EXPECT_THAT(
      read_counter_table("        tcpActiveOpens      =  4711     tcpPassiveOpens     =   123"),
      ElementsAre(counter{.name = "Tcp.ActiveOpens", .value = 4711},
                  counter{.name = "Tcp.PassiveOpens", .value = 123}));
  EXPECT_THAT(
      read_counter_table("        tcpListenDrop       =    17     tcpListenDropQ0     =     3"),
      ElementsAre(counter{.name = "TcpExt.ListenOverflows", .value = 17},
                  counter{.name = "TcpExt.TCPReqQFullDrop", .value = 3}));
}

TEST(counter_table, is_none_elsewhere) {
  for (const std::string_view line : {"", "Active Opens", "net.ipv4.tcp_tw_reuse = 1", "x = 5",
                                      "Active Opens = many", "tcpActiveOpens = x y"}) {
    EXPECT_THAT(read_counter_table(line), IsEmpty()) << line;
  }
}

TEST(counter_table, families_have_a_heading_each) {
  EXPECT_EQ(read_counter_heading("TCP Statistics for IPv4"), counter_heading::first);
  EXPECT_EQ(read_counter_heading("TCP Statistics for IPv6 "), counter_heading::more);
  EXPECT_EQ(read_counter_heading("UDP Statistics for IPv6"), counter_heading::none);
}

}  // namespace
}  // namespace waitstate::paste
