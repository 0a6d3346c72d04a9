#include "ports_pane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "troubled_host.h"

namespace waitstate::view {
namespace {

using testing::ElementsAre;

std::vector<std::string> texts(const pane_row& row) {
  std::vector<std::string> all;
  for (const auto& c : row.cells) all.push_back(c.text);
  return all;
}

TEST(ports_pane, counts_what_is_left_as_the_kernel_does) {
  const auto p = ports_pane(troubled_host(), {});
  ASSERT_EQ(p.rows.size(), 3);
  // 28,232 ports, of which 18,048 are in TIME-WAIT and 3 open.
  EXPECT_THAT(texts(p.rows[0]), ElementsAre("10.0.0.7:8080", "10,181", "██████░░░░", "▂▃▃▄▄▅▅▆▆▇▇█",
                                            "493", "36 s", "crawler (16402)"));
  EXPECT_THAT(texts(p.rows[2]),
              ElementsAre("10.0.0.12:6379", "28,216", "▏░░░░░░░░░", "", "-", "-", "nginx (812)"));
  EXPECT_EQ(to_text(p.rows[0].sockets.value_or(socket_selector{})),
            "direction:outbound peer:10.0.0.7:8080");
}

TEST(ports_pane, has_the_destinations_of_what_is_selected) {
  const auto p = ports_pane(troubled_host(), *parse_selector("process:java"));
  ASSERT_EQ(p.rows.size(), 1);
  EXPECT_EQ(p.rows[0].cells[0].text, "10.0.0.9:5432");
}

TEST(ports_pane, tells_two_source_addresses_apart) {
  snapshot_builder b;
  b.set_source(source_kind::live, "sock_diag");
  b.host().os = os_family::linux_kernel;
  const auto ns = b.add_namespace({.inode = 1});
  b.namespace_at(ns).sysctls["net.ipv4.ip_local_port_range"] = "32768\t60999";
  for (const char* const local : {"10.0.0.1:40000", "10.0.0.2:40000"}) {
    b.add({.flow = {.local = ep(local), .remote = ep("10.0.0.7:80")},
           .state = tcp::state::established});
  }
  const auto p = ports_pane(b.finish(a_monday), {});
  ASSERT_EQ(p.rows.size(), 2);
  EXPECT_EQ(p.rows[0].cells[0].text, "10.0.0.7:80 from 10.0.0.1");
  EXPECT_EQ(p.rows[1].cells[0].text, "10.0.0.7:80 from 10.0.0.2");
  EXPECT_NE(p.rows[0].key, p.rows[1].key);
}

}  // namespace
}  // namespace waitstate::view
