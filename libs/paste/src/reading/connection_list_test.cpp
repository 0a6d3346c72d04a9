#include "reading/connection_list.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(connection_list, becomes_the_row_of_the_table) {
  connection_list list;
  for (const auto line :
       {"LocalAddress   : 10.0.0.7", "LocalPort      : 51901", "RemoteAddress  : 10.0.0.8",
        "RemotePort     : 443", "State          : CloseWait", "OwningProcess  : 911"}) {
    EXPECT_FALSE(list.begins_anew(line));
    EXPECT_TRUE(list.take(line));
  }
  EXPECT_FALSE(list.take("CreationTime   : 3/1/2021 10:00:01 AM"));
  EXPECT_TRUE(list.begins_anew("LocalAddress   : 10.0.0.7"));
  EXPECT_EQ(list.finish(), "10.0.0.7 51901 10.0.0.8 443 CloseWait 911");
  EXPECT_EQ(list.finish(), "");
}

TEST(connection_list, is_no_list_of_something_else) {
  connection_list list;
  EXPECT_FALSE(list.take("State          : Running"));
  EXPECT_FALSE(list.take("10.0.0.7:51901 10.0.0.8:443 CLOSE_WAIT"));
  EXPECT_TRUE(list.take("LocalPort : 80"));
  EXPECT_EQ(list.finish(), "") << "an end is missing";
}

}  // namespace
}  // namespace waitstate::paste
