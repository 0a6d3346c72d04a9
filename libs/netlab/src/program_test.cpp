#include "waitstate/netlab/program.h"

#include <csignal>
#include <fstream>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace waitstate::netlab {
namespace {

TEST(program, has_its_name_and_says_when_it_is_ready) {
  const program shop("shop", [](const program::ready& ready) { ready("port 8080"); });
  EXPECT_EQ(shop.said(), "port 8080");
  std::string name;
  std::getline(std::ifstream("/proc/" + std::to_string(shop.pid()) + "/comm"), name);
  EXPECT_EQ(name, "shop");
}

TEST(program, ends_with_the_test) {
  int pid = 0;
  {
    const program shop("shop", [](const program::ready&) {});
    pid = shop.pid();
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST(program, hands_on_what_its_body_throws) {
  try {
    const program shop("shop", [](const program::ready&) { throw std::runtime_error("no port"); });
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& e) {
    EXPECT_STREQ(e.what(), "shop: no port");
  }
}

}  // namespace
}  // namespace waitstate::netlab
