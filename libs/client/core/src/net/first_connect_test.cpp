#include "net/first_connect.h"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>

#include "deaf_listener.h"
#include "test_io.h"
#include "test_server.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

socket_address address(const std::string& host, std::uint16_t port) {
  return {asio::ip::tcp::endpoint(asio::ip::make_address(host), port)};
}

/// Where nobody answers.
class silent_server {
 public:
  [[nodiscard]] socket_address at() const { return address(deaf_.at().host, deaf_.at().port); }

 private:
  deaf_listener deaf_;
};

class first_connect_test : public testing::Test {
 protected:
  result<connection_ptr> connect(std::vector<socket_address> to, duration within) {
    left_ = std::move(to);
    const make_socket make = [this](const socket_address& at) -> result<connection_ptr> {
      ++made_;
      connection::socket socket(io_.executor());
      boost::system::error_code code;
      socket.open(at.protocol(), code);
      if (code) return failure(from_code(code, "open"));
      return std::make_shared<connection>(std::move(socket), endpoint{.host = "x", .port = 1});
    };
    const describe_connect describe = [](const socket_address* at) {
      return at != nullptr ? "connect x" : "connect any x";
    };
    return io_.await(connect_first(io_.executor(), &left_, make, describe, clock::now() + within));
  }

  test_io io_{2};
  std::vector<socket_address> left_;
  int made_ = 0;
};

TEST_F(first_connect_test, an_address_that_answers_is_the_only_one_that_is_tried) {
  const test_server server(test_server::read_to_end);
  const auto there = address("127.0.0.1", server.at().port);
  const silent_server silent;
  ASSERT_TRUE(connect({there, silent.at()}, 5s));
  EXPECT_EQ(made_, 1);
  EXPECT_EQ(left_, std::vector{silent.at()});
}

TEST_F(first_connect_test, one_where_nobody_answers_costs_a_quarter_of_a_second) {
  const test_server server(test_server::read_to_end);
  const silent_server silent;
  const auto began = clock::now();
  ASSERT_TRUE(connect({silent.at(), address("127.0.0.1", server.at().port)}, 5s));
  const auto took = clock::now() - began;
  EXPECT_GE(took, 250ms);
  EXPECT_LT(took, 2s);
  EXPECT_EQ(left_, std::vector{silent.at()}) << "it may answer another time";
}

TEST_F(first_connect_test, with_little_time_each_address_has_its_share_of_it) {
  const test_server server(test_server::read_to_end);
  const silent_server one;
  const silent_server other;
  const auto began = clock::now();
  ASSERT_TRUE(connect({one.at(), other.at(), address("127.0.0.1", server.at().port)}, 300ms));
  EXPECT_LT(clock::now() - began, 300ms);
}

TEST_F(first_connect_test, one_that_refuses_costs_nothing) {
  const test_server server(test_server::read_to_end);
  const auto nobody = address("::1", server.at().port);  // or there is no IPv6 at all
  const auto began = clock::now();
  ASSERT_TRUE(connect({nobody, address("127.0.0.1", server.at().port)}, 5s));
  EXPECT_LT(clock::now() - began, 200ms);
  EXPECT_TRUE(left_.empty());
}

TEST_F(first_connect_test, says_what_the_last_one_said) {
  std::uint16_t nobodys = 0;
  {
    const test_server gone(test_server::read_to_end);
    nobodys = gone.at().port;
  }
  const auto refused = connect({address("127.0.0.1", nobodys), address("127.0.0.2", nobodys)}, 5s);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "connect x: Connection refused");
  EXPECT_EQ(made_, 2);

  const silent_server silent;
  const auto began = clock::now();
  const auto late = connect({silent.at()}, 100ms);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, errc::timed_out);
  EXPECT_EQ(late.error().what, "connect any x: timed out");
  EXPECT_GE(clock::now() - began, 100ms);
}

TEST(in_turn_of_families, begins_with_that_of_the_first) {
  const auto six = [](int n) { return address("2001:db8::" + std::to_string(n), 1); };
  const auto four = [](int n) { return address("192.0.2." + std::to_string(n), 1); };
  EXPECT_EQ(in_turn_of_families({six(1), six(2), six(3), four(1)}),
            (std::vector{six(1), four(1), six(2), six(3)}));
  EXPECT_EQ(in_turn_of_families({four(1), four(2), six(1)}),
            (std::vector{four(1), six(1), four(2)}));
  EXPECT_TRUE(in_turn_of_families({}).empty());
}

}  // namespace
}  // namespace waitstate::client
