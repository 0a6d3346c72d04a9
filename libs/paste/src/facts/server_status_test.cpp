#include "facts/server_status.h"

#include <string_view>

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

std::optional<connection_pool> read(std::initializer_list<std::string_view> lines) {
  server_status status;
  for (const auto line : lines) static_cast<void>(status.read(line));
  return status.workers();
}

TEST(server_status, is_out_of_workers_where_php_fpm_has_none_idle_and_a_queue) {
  const auto busy = read({"pool:                 www", "process manager:      dynamic",
                          "listen queue:         128", "idle processes:       0",
                          "active processes:     50", "max children reached: 12"});
  ASSERT_TRUE(busy);
  EXPECT_TRUE(busy->is_out());
  EXPECT_EQ(busy->name, "www");
  EXPECT_EQ(busy->waiting, 128U);
  const auto starting =
      read({"pool: www", "listen queue: 0", "idle processes: 0", "active processes: 2"});
  ASSERT_TRUE(starting);
  EXPECT_FALSE(starting->is_out());
}

TEST(server_status, reads_the_pages_of_apache_and_tomcat) {
  const auto page = read({"256 requests currently being processed, 0 idle workers"});
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->is_out());
  EXPECT_EQ(page->size, 256U);
  const auto manager =
      read({"Max threads: 200 Current thread count: 200 Current threads busy: 200 Keep alive: 0"});
  ASSERT_TRUE(manager);
  EXPECT_TRUE(manager->is_out());
  const auto quiet = read({"BusyWorkers: 3", "IdleWorkers: 22"});
  ASSERT_TRUE(quiet);
  EXPECT_FALSE(quiet->is_out());
}

TEST(server_status, is_nothing_without_its_numbers) {
  EXPECT_FALSE(read({"pool: www", "listen queue: 5"}));
  EXPECT_FALSE(read({"listen queue: 5", "idle processes: 0", "active processes: 3"}));
  EXPECT_FALSE(read({"pool: the one behind the house", "idle processes: 0"}));
  EXPECT_FALSE(read({"IdleWorkers: 3"}));
}

}  // namespace
}  // namespace waitstate::paste
