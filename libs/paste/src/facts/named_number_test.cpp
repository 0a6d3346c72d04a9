#include "facts/named_number.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

using numbers = std::vector<named_number>;

TEST(named_number, is_read_by_its_name_in_any_notation) {
  EXPECT_EQ(read_named_numbers(R"(  "passive_opens": 7133683,)"),
            (numbers{{.name = "node_netstat_Tcp_PassiveOpens", .value = 7133683}}));
  EXPECT_EQ(read_named_numbers("     [{total_limit,924},{total_used,922},"),
            (numbers{{.name = "process_open_fds", .value = 922},
                     {.name = "process_max_fds", .value = 924}}));
  EXPECT_EQ(read_named_numbers(R"("process" : { "open_file_descriptors" : 65530, "x" : 1 })"),
            (numbers{{.name = "process_open_fds", .value = 65530}}));
  EXPECT_EQ(read_named_numbers("OpenFileDescriptorCount = 4090;"),
            (numbers{{.name = "process_open_fds", .value = 4090}}));
}

TEST(named_number, is_not_part_of_another_name_and_no_setting) {
  EXPECT_TRUE(read_named_numbers("my_open_file_descriptors: 5").empty());
  EXPECT_TRUE(read_named_numbers("open_file_descriptors_max: 5").empty());
  EXPECT_TRUE(read_named_numbers("open_file_descriptors are many: 5").empty());
  EXPECT_TRUE(read_named_numbers("\"open_file_descriptors\": -1").empty());
  EXPECT_TRUE(read_named_numbers("open_file_descriptors").empty());
}

}  // namespace
}  // namespace waitstate::paste
