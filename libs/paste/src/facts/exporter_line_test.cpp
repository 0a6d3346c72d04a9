#include "facts/exporter_line.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(exporter_line, is_a_name_its_labels_and_a_count) {
  struct row {
    std::string_view line;
    exporter_sample wanted;
  };
  constexpr row rows[] = {
      {"node_sockstat_TCP_tw 32040", {.name = "node_sockstat_TCP_tw", .value = 32'040}},
      {"node_netstat_TcpExt_ListenOverflows 4.821e+04",
       {.name = "node_netstat_TcpExt_ListenOverflows", .value = 48'210}},
      {"process_open_fds{job=\"api\",instance=\"a:1\"} 1023",
       {.name = "process_open_fds", .value = 1'023}},
      {"node_tcp_connection_states{state=\"close_wait\"} 17 1700000000000",
       {.name = "node_tcp_connection_states", .state = "close_wait", .value = 17}},
  };
  for (const auto& [line, wanted] : rows) EXPECT_EQ(read_exporter_sample(line), wanted) << line;
}

TEST(exporter_line, is_none_elsewhere) {
  for (const std::string_view line :
       {"", "node_load1 0.21", "node_sockstat_TCP_tw", "node_sockstat_TCP_tw -1",
        "node_sockstat_TCP_tw NaN", "process_open_fds{job=\"api\" 3", "process_open_fds is 3 now",
        "# TYPE process_open_fds gauge", "process_open_fds 3 4 5", "node_sockstat_TCP_tw 1e300"}) {
    EXPECT_EQ(read_exporter_sample(line), std::nullopt) << line;
  }
}

}  // namespace
}  // namespace waitstate::paste
