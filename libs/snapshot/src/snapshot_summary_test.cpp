#include "waitstate/snapshot/snapshot_summary.h"

#include <gtest/gtest.h>

namespace waitstate {
namespace {

TEST(snapshot_summary, keeps_all_but_the_sockets_and_the_settings) {
  snapshot s{.source = source_kind::pasted,
             .source_detail = "ss, sysctl",
             .taken_at = std::chrono::sys_seconds{std::chrono::seconds{1'767'608'527}},
             .interval = std::chrono::seconds{5},
             .host = {.os = os_family::linux_kernel,
                      .name = "web-1",
                      .uptime = std::chrono::seconds{60},
                      .sysctls = {{"fs.file-max", "1000"}},
                      .open_files = 17}};
  s.namespaces.resize(2);
  s.namespaces[0].states.add(tcp::state::listen, 2);
  s.namespaces[1].states.add(tcp::state::time_wait, 3);

  const auto kept = summary_of(s);
  EXPECT_EQ(kept.source, source_kind::pasted);
  EXPECT_EQ(kept.source_detail, "ss, sysctl");
  EXPECT_EQ(kept.taken_at, s.taken_at);
  EXPECT_EQ(kept.interval, s.interval);
  EXPECT_EQ(kept.host.name, "web-1");
  EXPECT_EQ(kept.host.uptime, std::chrono::seconds{60});
  EXPECT_EQ(kept.host.open_files, 17U);
  EXPECT_TRUE(kept.host.sysctls.empty());
  EXPECT_EQ(kept.namespaces, 2U);
  EXPECT_EQ(kept.states, s.states());
}

}  // namespace
}  // namespace waitstate
