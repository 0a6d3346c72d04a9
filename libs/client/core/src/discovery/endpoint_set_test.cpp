#include "waitstate/client/core/endpoint_set.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

TEST(endpoint_list, has_one_endpoint_a_line_with_weights_and_comments) {
  const auto list = parse_endpoint_list(
      "# the search servers\n"
      "10.0.0.7:80\n"
      "\n"
      "  db-1:5432\t2.5  # the big one\r\n"
      "[2001:db8::1]:80 0\n"
      "unix:/run/db");
  ASSERT_TRUE(list) << list.error().what;
  EXPECT_EQ(*list, (std::vector<weighted_endpoint>{{{"10.0.0.7", 80}, 1},
                                                   {{"db-1", 5432}, 2.5},
                                                   {{"2001:db8::1", 80}, 0},
                                                   {{"/run/db", 0}, 1}}));
  EXPECT_EQ(parse_endpoint_list(to_text(*list)).value(), *list);
}

TEST(endpoint_list, names_the_line_that_is_wrong) {
  const std::pair<const char*, const char*> table[] = {
      {"a:1\nb\n", "endpoint list: line 2: endpoint 'b': no port"},
      {"a:1 heavy", "endpoint list: line 1: 'heavy' is no weight from 0 to 1,000,000"},
      {"a:1 -1", "endpoint list: line 1: '-1' is no weight from 0 to 1,000,000"},
      {"a:1 inf", "endpoint list: line 1: 'inf' is no weight from 0 to 1,000,000"},
      {"a:1 1e308", "endpoint list: line 1: '1e308' is no weight from 0 to 1,000,000"},
      {"a:1 nan", "endpoint list: line 1: 'nan' is no weight from 0 to 1,000,000"},
      {"a:1 1 x", "endpoint list: line 1: 'x' after the weight"},
      {"a:1\n\na:1 2", "endpoint list: line 3: 'a:1' is there twice"},
      {"", "endpoint list: there is no endpoint in it"},
      {"# none\n", "endpoint list: there is no endpoint in it"},
  };
  for (const auto& [text, expected] : table) {
    const auto list = parse_endpoint_list(text);
    ASSERT_FALSE(list) << text;
    EXPECT_EQ(list.error().code, errc::corrupt);
    EXPECT_EQ(list.error().what, expected);
  }
}

}  // namespace
}  // namespace waitstate::client
