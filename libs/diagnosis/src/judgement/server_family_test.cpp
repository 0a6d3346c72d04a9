#include "judgement/server_family.h"

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

TEST(server_family, is_a_master_with_its_workers_and_nobody_else_of_the_name) {
  struct row {
    const char* what;
    process one;
    bool are_family;
  };
  const process master{.pid = 8, .name = "nginx", .parent = 1};
  const row rows[] = {{"a worker", {.pid = 9, .name = "nginx", .parent = 8}, true},
                      {"another server", {.pid = 9, .name = "nginx", .parent = 1}, false},
                      {"another program", {.pid = 9, .name = "python3", .parent = 8}, false},
                      {"no pid", {.pid = 0, .name = "nginx", .parent = 8}, false}};
  for (const auto& [what, one, are_family] : rows) {
    EXPECT_EQ(are_one_family(master, one), are_family) << what;
    EXPECT_EQ(are_one_family(one, master), are_family) << what;
  }
}

TEST(server_family, who_works_for_a_listener_or_holds_what_it_accepted_serves_the_port) {
  auto s = host();
  const auto master = add_process(s, 8, "nginx");
  const auto worker = add_process(s, 9, "nginx");
  const auto client = add_process(s, 20, "python3");
  const auto handed = add_process(s, 30, "handler");
  s.processes[worker.process].parent = 8;
  put_listener(s, "0.0.0.0", 8080, 0, 128, master);
  put(s, on(tcp::state::established, 8080, "9.9.9.9", 1).of(handed));
  EXPECT_TRUE(serves(s, master, 0, 8080));
  EXPECT_TRUE(serves(s, worker, 0, 8080));
  EXPECT_TRUE(serves(s, handed, 0, 8080));
  EXPECT_FALSE(serves(s, client, 0, 8080));
  EXPECT_FALSE(serves(s, worker, 0, 9090));
  EXPECT_FALSE(serves(s, worker, 1, 8080));
  EXPECT_FALSE(serves(s, {}, 0, 8080));
}

}  // namespace
}  // namespace waitstate::diagnosis
