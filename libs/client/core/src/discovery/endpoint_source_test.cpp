#include "waitstate/client/core/endpoint_source.h"

#include <cstdint>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

class told_source final : public endpoint_source {
 public:
  asio::awaitable<void> run() override { co_return; }
  void stop() override {}
  using endpoint_source::publish;
  using endpoint_source::publish_failure;
};

error broken() {
  return {.code = errc::unavailable, .what = "broken", .hint = {}};
}

TEST(endpoint_source, keeps_the_last_good_set_while_it_cannot_be_asked) {
  told_source source;
  EXPECT_EQ(source.current().state, source_state::pending);
  source.publish_failure(broken());
  EXPECT_EQ(source.current().state, source_state::pending);
  EXPECT_EQ(source.current().why->what, "broken");

  source.publish({{{"b", 1}}, {{"a", 1}}, {{"b", 1}}});
  EXPECT_EQ(source.current().state, source_state::ok);
  EXPECT_EQ(source.current().endpoints,
            (std::vector<weighted_endpoint>{{{"a", 1}, 1}, {{"b", 1}, 1}}));

  source.publish_failure(broken());
  EXPECT_EQ(source.current().state, source_state::stale);
  EXPECT_EQ(source.current().endpoints.size(), 2U);
  EXPECT_EQ(source.current().generation, 1U);
}

TEST(endpoint_source, says_at_once_what_keeps_it_from_being_asked) {
  told_source source;
  int told = 0;
  const auto alive = std::make_shared<int>();
  source.subscribe(alive, [&](const endpoint_set&) { ++told; });
  source.publish({{{"a", 1}}});
  source.publish({{{"a", 1}}}, broken());
  source.publish({{{"a", 1}}}, broken());
  EXPECT_EQ(told, 3) << "one of them is no news";
  EXPECT_EQ(source.current().state, source_state::ok);
  EXPECT_EQ(source.current().why->what, "broken");
  EXPECT_EQ(source.current().generation, 1U);
  source.publish({{{"a", 1}}});
  EXPECT_FALSE(source.current().why);
}

TEST(endpoint_source, tells_of_changes_in_order_and_only_of_changes) {
  told_source source;
  std::vector<std::uint64_t> told;
  auto alive = std::make_shared<int>();
  source.subscribe(alive, [&](const endpoint_set& set) { told.push_back(set.generation); });
  source.publish({{{"a", 1}}});
  source.publish({{{"a", 1}}});
  source.publish({{{"b", 1}}});
  alive.reset();
  source.publish({{{"c", 1}}});
  EXPECT_EQ(told, (std::vector<std::uint64_t>{0, 1, 2}));
}

TEST(endpoint_source, a_fixed_list_is_there_at_once) {
  const auto source = static_source({{{"a", 1}, 2}});
  EXPECT_EQ(source->current().state, source_state::ok);
  EXPECT_EQ(source->current().endpoints.front().weight, 2);
}

}  // namespace
}  // namespace waitstate::client
