#include "judgement/host_tables.h"

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

TEST(host_tables, are_told_near_their_limit) {
  struct row {
    const char* open;
    const char* most;
    std::size_t told;
  };
  constexpr row rows[] = {
      {"11301", "12328", 1}, {"12328", "12328", 1}, {"3000", "12328", 0}, {"0", "12328", 0}};
  for (const auto& [open, most, told] : rows) {
    auto s = paste();
    s.host.os = os_family::freebsd;
    s.host.sysctls["kern.ipc.numopensockets"] = open;
    s.host.sysctls["kern.ipc.maxsockets"] = most;
    const auto found = full_tables_of(s);
    ASSERT_EQ(found.size(), told) << open;
    if (told > 0) EXPECT_TRUE(mentions(found[0], "sockets of 12,328"));
  }
}

TEST(host_tables, of_files_and_of_sockets_are_two) {
  auto s = paste();
  s.host.open_files = s.host.open_files_max = 1'000;
  s.host.sysctls["kern.ipc.numopensockets"] = s.host.sysctls["kern.ipc.maxsockets"] = "500";
  EXPECT_EQ(full_tables_of(s).size(), 2U);
}

}  // namespace
}  // namespace waitstate::diagnosis
