#include "front/client_name.h"

#include <unistd.h>

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

TEST(client_name, is_the_program_at_the_other_end) {
  const auto name = client_name(::getpid(), 0);
  EXPECT_TRUE(name.starts_with("waitstate_sidec (pid ")) << name;
  EXPECT_EQ(client_name(0, 41712), "the client from port 41712");
  EXPECT_EQ(client_name(1 << 30, 0), "pid 1073741824") << "it has gone";
}

}  // namespace
}  // namespace waitstate::sidecar
