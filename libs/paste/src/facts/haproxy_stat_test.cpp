#include "facts/haproxy_stat.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(haproxy_stat, what_a_server_is_allowed_is_a_pool) {
  haproxy_stat stat;
  EXPECT_FALSE(stat.read("app,srv1,12,40,30,30,30,90210"));
  EXPECT_TRUE(stat.read("# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,"));
  EXPECT_TRUE(stat.read("app,srv1,12,40,30,30,30,90210,1,2,"));
  EXPECT_EQ(
      stat.pool(),
      (connection_pool{
          .program = "HAProxy", .name = "app/srv1", .leased = 30, .waiting = 12, .size = 30}));
  EXPECT_TRUE(stat.read("http-in,FRONTEND,,,2000,2000,2000,90210,1,2,"));
  ASSERT_TRUE(stat.pool());
  EXPECT_TRUE(stat.pool()->of_workers);
  EXPECT_TRUE(stat.pool()->is_out());
}

TEST(haproxy_stat, what_has_no_limit_is_none) {
  haproxy_stat stat;
  EXPECT_TRUE(stat.read("# pxname,svname,qcur,qmax,scur,smax,slim,stot"));
  for (const std::string_view line :
       {"app,srv2,0,0,30,30,,90210", "app,BACKEND,0,0,30,30,200,90210"}) {
    EXPECT_TRUE(stat.read(line)) << line;
    EXPECT_FALSE(stat.pool()) << line;
  }
  for (const std::string_view line :
       {"", "a, b, c", "app,srv1", "10.0.0.1,80,x,y,z,a,b", ",,,,,,,"}) {
    EXPECT_FALSE(stat.read(line)) << line;
  }
}

}  // namespace
}  // namespace waitstate::paste
