#include "rows/readers.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(readers, leave_each_row_to_the_reader_of_its_tool) {
  const struct {
    std::optional<row> (*read)(std::string_view);
    std::string_view line;
  } tools[] = {
      {read_ss_row, "tcp CLOSE-WAIT 1 0 10.0.0.7:80 10.0.0.8:55123"},
      {read_netstat_linux_row, "tcp 1 0 10.0.0.7:80 10.0.0.8:55123 CLOSE_WAIT -"},
      {read_netstat_windows_row, "  TCP    10.0.0.7:80   10.0.0.8:55123   CLOSE_WAIT   7"},
      {read_netstat_bsd_row, "tcp6 0 0 2001:db8::7.80 2001:db8::8.55123 CLOSE_WAIT"},
      {read_lsof_row, "java 7 www 12u IPv4 9 0t0 TCP 10.0.0.7:80->10.0.0.8:55123 (CLOSE_WAIT)"},
      {read_proc_net_tcp_row, "0: 0700000A:0050 0800000A:D753 08 00000000:00000001 00:00000000"},
  };
  for (const auto& owner : tools) {
    for (const auto& [read, line] : tools) {
      EXPECT_EQ(owner.read(line).has_value(), owner.read == read) << line;
    }
    EXPECT_FALSE(read_lsof_other(owner.line)) << owner.line;
    EXPECT_EQ(table_of_header(owner.line), table::none) << owner.line;
  }
}

}  // namespace
}  // namespace waitstate::paste
