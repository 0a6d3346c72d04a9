#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/kernel/network_test.h"
#include "waitstate/netlab/program.h"

namespace waitstate::kernel_test {
namespace {

class descriptors : public network_test {};

TEST_P(descriptors, nine_tenths_of_the_limit_in_use) {
  const where server{loopback(), 8080};
  const program hoarding("hoarder", [&](const program::ready& ready) {
    constexpr rlim_t limit = 200;
    const rlimit lowered{.rlim_cur = limit, .rlim_max = limit};
    ::setrlimit(RLIMIT_NOFILE, &lowered);
    const auto listener = listen_on(server);
    std::vector<fd> kept;
    while (kept.empty() || kept.back().get() < 184) {
      kept.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    }
    ready("");
    for (;;) ::pause();
  });
  const auto report = diagnose();
  const auto first = first_finding(report);
  ASSERT_EQ(first.value("id", ""), "fd-exhaustion") << report.dump(1);
  EXPECT_EQ(first.at("severity"), "warning");
  EXPECT_EQ(first.at("subject").at("pid"), hoarding.pid());
  EXPECT_EQ(first.at("subject").at("process"), "hoarder");
  EXPECT_NE(first.at("evidence").dump().find("/dev/null"), std::string::npos) << first.dump(1);
}

WAITSTATE_BOTH_FAMILIES(descriptors);

}  // namespace
}  // namespace waitstate::kernel_test
