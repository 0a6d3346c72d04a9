#include "waitstate/snapshot/ephemeral_ports.h"

#include <gtest/gtest.h>

namespace waitstate {
namespace {

TEST(ephemeral_ports, have_a_default_on_each_system) {
  const std::pair<os_family, tcp::port_range> cases[] = {
      {os_family::unknown, {.low = 32768, .high = 60999}},
      {os_family::linux_kernel, {.low = 32768, .high = 60999}},
      {os_family::freebsd, {.low = 10000, .high = 65535}},
      {os_family::openbsd, {.low = 1024, .high = 49151}},
      {os_family::windows, {.low = 49152, .high = 65535}},
      {os_family::macos, {.low = 49152, .high = 65535}},
      {os_family::other_bsd, {.low = 49152, .high = 65535}},
  };
  for (const auto& [os, range] : cases) {
    EXPECT_EQ(default_ephemeral_range(os), range) << to_string(os);
  }
}

TEST(ephemeral_ports, are_read_from_the_settings_of_each_system) {
  const std::pair<setting_map, tcp::port_range> cases[] = {
      {{{"net.ipv4.ip_local_port_range", "10240 60999"}}, {.low = 10240, .high = 60999}},
      {{{"net.inet.ip.portrange.first", "49152"}, {"net.inet.ip.portrange.last", "65000"}},
       {.low = 49152, .high = 65000}},
      {{{"net.inet.ip.portrange.first", "10000"}}, {.low = 10000, .high = 65535}},
      {{{"net.inet.ip.portfirst", "1024"}, {"net.inet.ip.portlast", "49151"}},
       {.low = 1024, .high = 49151}},
      {{{"net.inet.ip.anonportmin", "49152"}, {"net.inet.ip.anonportmax", "65535"}},
       {.low = 49152, .high = 65535}},
      {{{"DynamicPortStart", "49152"}, {"DynamicPortCount", "16384"}},
       {.low = 49152, .high = 65535}},
      {{{"MaxUserPort", "5000"}}, {.low = 1025, .high = 5000}},
      {{{"MaxUserPort", "5000"}, {"DynamicPortStart", "1024"}, {"DynamicPortCount", "1"}},
       {.low = 1024, .high = 1024}},
  };
  for (const auto& [settings, range] : cases) {
    EXPECT_EQ(configured_ephemeral_range(settings), range) << settings.begin()->first;
  }
}

TEST(ephemeral_ports, are_not_known_from_settings_that_make_no_sense) {
  const setting_map cases[] = {
      {},
      {{"net.ipv4.ip_local_port_range", "many"}},
      {{"net.ipv4.ip_local_port_range", "60999 32768"}},
      {{"net.inet.ip.portrange.last", "65535"}},
      {{"net.inet.ip.portrange.first", "0"}},
      {{"net.inet.ip.portrange.first", "49152"}, {"net.inet.ip.portrange.last", "70000"}},
      {{"net.inet.ip.portfirst", "1024"}},
      {{"DynamicPortStart", "49152"}},
      {{"DynamicPortStart", "49152"}, {"DynamicPortCount", "0"}},
      {{"DynamicPortStart", "49152"}, {"DynamicPortCount", "16385"}},
      {{"MaxUserPort", "1000"}},
  };
  for (const auto& settings : cases) {
    EXPECT_EQ(configured_ephemeral_range(settings), std::nullopt);
  }
}

TEST(ephemeral_ports, that_are_reserved_are_a_list) {
  const auto reserved =
      configured_reserved_ports({{"net.ipv4.ip_local_reserved_ports", "8080,9000-9002"}});
  EXPECT_EQ(reserved.size(), 4U);
  EXPECT_TRUE(reserved.contains(9001));
  EXPECT_TRUE(configured_reserved_ports({}).empty());
  EXPECT_TRUE(configured_reserved_ports({{"net.ipv4.ip_local_reserved_ports", "x"}}).empty());
}

}  // namespace
}  // namespace waitstate
