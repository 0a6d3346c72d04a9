#pragma once

#include <string>

#include <gtest/gtest.h>

#include "tests/kernel/verdict_of.h"
#include "waitstate/netlab/private_network.h"
#include "waitstate/netlab/sockets.h"

namespace waitstate::kernel_test {

using namespace netlab;

/// A test in a network of its own, once for IPv4 and once for IPv6.
class network_test : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { enter_private_network(); }

  [[nodiscard]] static bool is_v6() { return std::string(GetParam()) == "IPv6"; }
  [[nodiscard]] static std::string loopback() { return is_v6() ? "::1" : "127.0.0.1"; }
  [[nodiscard]] static std::string text_of(const where& w) {
    const auto port = std::to_string(w.port);
    return w.address.find(':') == w.address.npos ? w.address + ":" + port
                                                 : "[" + w.address + "]:" + port;
  }
};

}  // namespace waitstate::kernel_test

/// Both address families for every test of the suite.
#define WAITSTATE_BOTH_FAMILIES(suite)                                            \
  INSTANTIATE_TEST_SUITE_P(both_families, suite, testing::Values("IPv4", "IPv6"), \
                           [](const auto& info) { return std::string(info.param); })
