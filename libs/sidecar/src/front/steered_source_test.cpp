#include "front/steered_source.h"

#include <gtest/gtest.h>

#include "test_io.h"

namespace waitstate::sidecar {
namespace {

using client::endpoint;

const endpoint one{.host = "10.0.0.1", .port = 1};
const endpoint two{.host = "10.0.0.2", .port = 2};

TEST(steered_source, gives_all_but_what_was_taken_out) {
  client::test_io io;
  const auto steered =
      std::make_shared<steered_source>(client::static_source({{.at = one}, {.at = two}}));
  io.spawn(steered->run());
  ASSERT_TRUE(client::soon([&] { return steered->current().endpoints.size() == 2; }));
  steered->take_out(one);
  ASSERT_EQ(steered->current().endpoints.size(), 1U);
  EXPECT_EQ(steered->current().endpoints.front().at, two);
  EXPECT_EQ(steered->taken_out(), std::set<endpoint>{one});
  steered->take_out(two);
  EXPECT_TRUE(steered->current().endpoints.empty());
  EXPECT_EQ(steered->current().state, client::source_state::ok);
  EXPECT_TRUE(steered->put_back(one));
  EXPECT_FALSE(steered->put_back(one));
  EXPECT_EQ(steered->current().endpoints.size(), 1U);
  steered->stop();
}

}  // namespace
}  // namespace waitstate::sidecar
