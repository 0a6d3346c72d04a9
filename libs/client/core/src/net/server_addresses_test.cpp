#include "net/server_addresses.h"

#include <string>

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
using order = std::vector<socket_address>;

socket_address six(int n) {
  return address_of({.host = "2001:db8::" + std::to_string(n), .port = 80}).value();
}
socket_address four(int n) {
  return address_of({.host = "192.0.2." + std::to_string(n), .port = 80}).value();
}

constexpr time_point start{};

TEST(server_addresses, begin_each_connection_with_the_next_one_of_a_family) {
  const server_addresses known;
  const order all{six(1), four(1), six(2), four(2)};
  EXPECT_EQ(known.in_order(all, 0, start), (order{six(1), four(1), six(2), four(2)}));
  EXPECT_EQ(known.in_order(all, 1, start), (order{six(2), four(2), six(1), four(1)}));
  EXPECT_EQ(known.in_order(all, 2, start), known.in_order(all, 0, start));
  EXPECT_EQ(known.in_order({four(1)}, 7, start), order{four(1)});
  EXPECT_TRUE(known.in_order({}, 7, start).empty());
}

TEST(server_addresses, try_those_last_that_did_not_answer_for_a_while) {
  server_addresses known;
  const order all{six(1), four(1), six(2)};
  known.answered(four(1), {six(1), four(1), six(2)}, start);
  EXPECT_EQ(known.in_order(all, 0, start), (order{four(1), six(2), six(1)}));
  EXPECT_EQ(known.in_order(all, 0, start + address_avoided_for), all);
  known.failed(four(1), start);
  EXPECT_EQ(known.in_order(all, 0, start), (order{six(2), six(1), four(1)}));
  known.answered(six(1), {six(1)}, start);
  EXPECT_EQ(known.in_order(all, 0, start), (order{six(1), six(2), four(1)}));
}

TEST(server_addresses, of_which_none_answers_are_tried_all_the_same) {
  server_addresses known;
  for (int i = 1; i <= 3; ++i) known.failed(four(i), start);
  EXPECT_EQ(known.in_order({four(1), four(2)}, 0, start), (order{four(1), four(2)}));
}

TEST(server_addresses, remember_a_bounded_number_of_failures) {
  server_addresses known;
  for (int i = 1; i <= 200; ++i) known.failed(four(i), start);
  EXPECT_EQ(known.in_order({four(200), four(199)}, 0, start), (order{four(200), four(199)}));
  known.failed(four(200), start + address_avoided_for);
  EXPECT_EQ(known.in_order({four(200), four(1)}, 0, start + address_avoided_for),
            (order{four(1), four(200)}));
}

TEST(server_addresses, know_when_one_is_gone) {
  server_addresses known;
  EXPECT_TRUE(known.has(four(1))) << "nobody knows better";
  EXPECT_FALSE(known.use({four(1)}));
  EXPECT_FALSE(known.use({four(2), four(1)}));
  EXPECT_TRUE(known.has(four(1)));
  EXPECT_FALSE(known.has(six(1)));
  EXPECT_TRUE(known.use({four(2)}));
  EXPECT_FALSE(known.has(four(1)));
  EXPECT_EQ(known.listed(), order{four(2)});
}

TEST(address_of, takes_no_name) {
  EXPECT_EQ(address_of({.host = "search", .port = 80}).error().what,
            "address 'search': it is none");
  EXPECT_EQ(to_string(*endpoint_of(six(1))), "[2001:db8::1]:80");
  EXPECT_EQ(to_string(*endpoint_of(four(1))), "192.0.2.1:80");
  EXPECT_FALSE(endpoint_of(address_of({.host = "/run/app.sock"}).value()));
  EXPECT_EQ(address_of({.host = "/run/app.sock"}).value().protocol().family(), AF_UNIX);
}

}  // namespace
}  // namespace waitstate::client
