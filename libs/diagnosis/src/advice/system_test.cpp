#include "advice/system.h"

#include <utility>

#include <gtest/gtest.h>

namespace waitstate::diagnosis {
namespace {

TEST(system_advice, every_system_has_every_topic) {
  for (const auto os : all_os_families) {
    const auto& a = advice_for(os);
    for (const auto text :
         {a.administrator, a.list_sockets, a.list_time_wait, a.count_states, a.port_range,
          a.open_files, a.open_files_max, a.time_wait, a.time_wait_ends}) {
      EXPECT_FALSE(text.empty()) << to_string(os);
      EXPECT_FALSE(text.contains('\n')) << to_string(os);
    }
    for (const auto command : {a.count_time_wait_ports, a.list_close_wait, a.find_port_holder,
                               a.list_bound, a.list_addresses, a.count_files}) {
      EXPECT_TRUE(command.ends_with('\n')) << to_string(os);
    }
    EXPECT_TRUE(a.find_port_holder.contains("{port}")) << to_string(os);
    const bool has_ss = os == os_family::linux_kernel || os == os_family::unknown;
    EXPECT_EQ(a.list_close_wait.starts_with("ss "), has_ss) << to_string(os);
  }
}

TEST(system_advice, is_linux_where_the_system_is_not_known) {
  EXPECT_EQ(&advice_for(os_family::unknown), &advice_for(os_family::linux_kernel));
}

TEST(system_advice, is_in_the_commands_of_the_system) {
  using row = std::pair<os_family, std::string_view>;
  for (const auto& [os, command] :
       {row{os_family::linux_kernel, "ss -tanp"}, row{os_family::windows, "netstat -ano"},
        row{os_family::macos, "lsof -nP -iTCP"}, row{os_family::freebsd, "sockstat -46 -s -P tcp"},
        row{os_family::openbsd, "netstat -an -p tcp"},
        row{os_family::other_bsd, "netstat -an -p tcp"}}) {
    EXPECT_EQ(advice_for(os).list_sockets, command) << to_string(os);
  }
  EXPECT_EQ(advice_for(os_family::windows).administrator, "administrator");
  EXPECT_TRUE(advice_for(os_family::freebsd).find_port_holder.starts_with("sockstat -46 -p"));
}

TEST(system_advice, widens_a_range_that_is_narrower_than_it_may_be) {
  const auto of = [](os_family os, tcp::port_range now) {
    const auto remedies = more_ports_elsewhere(os, now);
    return remedies.empty() ? remedy{} : remedies.front();
  };
  const tcp::port_range usual{.low = 49'152, .high = 65'535};
  EXPECT_EQ(of(os_family::macos, usual).command, "sysctl -w net.inet.ip.portrange.first=16384\n");
  EXPECT_EQ(of(os_family::macos, usual).undo, "sysctl -w net.inet.ip.portrange.first=49152");
  EXPECT_EQ(of(os_family::freebsd, {.low = 16'385, .high = 65'535}).undo,
            "sysctl -w net.inet.ip.portrange.first=16385");
  EXPECT_EQ(of(os_family::freebsd, {.low = 16'384, .high = 65'535}).command, "");
  EXPECT_EQ(of(os_family::openbsd, {.low = 1'024, .high = 49'151}).undo,
            "sysctl net.inet.ip.portlast=49151");
  EXPECT_EQ(more_ports_elsewhere(os_family::windows, usual).size(), 2U);
}

}  // namespace
}  // namespace waitstate::diagnosis
