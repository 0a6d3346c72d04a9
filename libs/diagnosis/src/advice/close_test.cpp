#include "advice/close.h"

#include <variant>

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

TEST(remedies_close, every_runtime_gets_text_and_most_get_code) {
  for (auto r = runtime::unknown; r <= runtime::native;
       r = static_cast<runtime>(static_cast<int>(r) + 1)) {
    EXPECT_FALSE(close_on_every_path(r).text.empty());
    EXPECT_FALSE(close_on_every_path(r).command.empty()) << to_string(r);
    EXPECT_FALSE(close_in_handlers(r).command.empty()) << to_string(r);
    EXPECT_TRUE(show_threads(host(), r, nullptr).command.ends_with('\n')) << to_string(r);
  }
}

TEST(remedies_close, names_the_call_of_the_runtime) {
  EXPECT_TRUE(close_on_every_path(runtime::go).command.contains("defer resp.Body.Close()"));
  EXPECT_TRUE(close_on_every_path(runtime::node).command.contains("response.resume()"));
  EXPECT_TRUE(evict_idle(runtime::dotnet).command.contains("PooledConnectionIdleTimeout"));
  EXPECT_TRUE(close_in_handlers(runtime::python).command.contains("writer.close()"));
}

TEST(remedies_close, closes_from_outside_only_where_ss_can) {
  const auto s = host();
  const auto v6 =
      close_from_outside(s, 0, direction::outbound, endpoint_of("fd00::7", 443)).value_or(remedy{});
  EXPECT_TRUE(v6.command.contains("'( dst [fd00::7] and dport = :443 )'"));
  EXPECT_TRUE(v6.command.contains("waitstate reap state:close-wait 'peer:[fd00::7]:443'"));
  EXPECT_TRUE(v6.risk.contains("descriptors"));
  const auto of_server =
      close_from_outside(s, 0, direction::inbound, endpoint_of("10.0.0.5", 80)).value_or(remedy{});
  EXPECT_TRUE(of_server.command.contains("ss -K -tn state close-wait '( sport = :80 )'"));
  EXPECT_EQ(to_text(std::get<close_sockets>(of_server.action).selected),
            "state:close-wait local-port:80");
  EXPECT_EQ(to_text(std::get<close_sockets>(v6.action).selected),
            "state:close-wait peer:[fd00::7]:443");
  EXPECT_FALSE(close_from_outside(s, 0, direction::outbound, {}));
  EXPECT_FALSE(close_from_outside(paste(os_family::windows), 0, direction::inbound,
                                  endpoint_of("10.0.0.5", 80)));
}

}  // namespace
}  // namespace waitstate::diagnosis
