#include "facts/client_limit.h"

#include <initializer_list>

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

std::optional<connection_pool> read(std::initializer_list<std::string_view> lines) {
  client_limit limit;
  for (const auto line : lines) static_cast<void>(limit.read(line));
  return limit.clients();
}

TEST(client_limit, is_read_of_each_server_in_the_ways_it_prints) {
  struct row {
    std::initializer_list<std::string_view> lines;
    std::string_view program;
    std::uint64_t connected;
    std::uint64_t most;
  };
  const row rows[] = {
      {{"connected_clients:10000", "maxclients:10000"}, "Redis", 10'000, 10'000},
      {{"1) \"maxclients\"", "2) \"4064\"", "connected_clients:12"}, "Redis", 12, 4'064},
      {{"| Threads_connected | 151   |", "| max_connections | 151   |"}, "MySQL", 151, 151},
      {{"Threads_connected\t150", "max_connections\t151"}, "MySQL", 150, 151},
      {{"STAT curr_connections 1024", "STAT max_connections 1024"}, "memcached", 1'024, 1'024},
  };
  for (const auto& r : rows) {
    const auto clients = read(r.lines);
    ASSERT_TRUE(clients) << r.program;
    EXPECT_EQ(clients->program, r.program);
    EXPECT_EQ(clients->leased, r.connected);
    EXPECT_EQ(clients->size, r.most);
    EXPECT_EQ(clients->is_out(), r.connected >= r.most);
  }
}

TEST(client_limit, of_two_servers_are_not_mixed) {
  EXPECT_FALSE(read({"connected_clients:10000", "| max_connections | 151   |"}));
  EXPECT_FALSE(read({"max_connections = 151"}));
  EXPECT_FALSE(read({"connected_clients:1", "maxclients:0"}));
  EXPECT_FALSE(read({"connected_clients:1", "maxclients: many of them"}));
}

}  // namespace
}  // namespace waitstate::paste
