#include "facts/stub_status.h"

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(stub_status, tells_what_nginx_dropped) {
  stub_status page;
  for (const std::string_view line :
       {"Active connections: 1024 ", "server accepts handled requests",
        " 16630948 16630000 31070465 ", "Reading: 6 Writing: 179 Waiting: 839 "}) {
    EXPECT_TRUE(page.read(line)) << line;
  }
  EXPECT_EQ(page.active(), 1024U);
  EXPECT_EQ(page.accepted(), 16630948U);
  EXPECT_EQ(page.dropped(), 948U);
}

TEST(stub_status, leaves_other_lines_alone) {
  stub_status page;
  for (const std::string_view line : {"", "Active connections: many", "1 2 3", "Reading: 6"}) {
    EXPECT_FALSE(page.read(line)) << line;
  }
  EXPECT_TRUE(page.read("server accepts handled requests request_time"));
  EXPECT_FALSE(page.read("tcp 0 0"));
  EXPECT_FALSE(page.read("1 2 3"));
  EXPECT_EQ(page.dropped(), 0U);
}

}  // namespace
}  // namespace waitstate::paste
