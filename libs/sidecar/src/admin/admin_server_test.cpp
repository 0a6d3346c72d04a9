#include "waitstate/sidecar/admin_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/admin_answer.h"
#include "sidecar_fixture.h"
#include "waitstate/sidecar/admin_client.h"

namespace waitstate::sidecar {
namespace {

using client::test_server;
using testing::HasSubstr;

class admin : public sidecar_fixture {
 protected:
  admin()
      : server_(answering([](std::string_view) {
          return std::string("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        })) {}

  void begin() {
    start(server_);
    serving_ = admin_server::start(path_, {}, hooks()).value();
  }
  admin_hooks hooks() {
    return {.status = [this] { return running_->status(); },
            .steer = [this](const std::string& route, const client::endpoint& server,
                            server_order order) { return running_->steer(route, server, order); },
            .reload = [this] { return running_->reload(running_->running()); },
            .hand_over = [this] { return running_->hand_over(); },
            .end_replaced = [] {}};
  }
  void ask_once() { EXPECT_THAT(ask("GET / HTTP/1.0\r\n\r\n"), HasSubstr("hi")); }
  std::string get(std::string_view target) { return ask_admin(path_, "GET", target).value(); }

  const test_server server_;
  const std::string path_ = testing::TempDir() + "waitstate-admin.sock";
  std::unique_ptr<admin_server> serving_;
};

TEST_F(admin, shows_what_was_counted) {
  begin();
  for (int i = 0; i < 3; ++i) ask_once();
  const auto metrics = get("/metrics");
  EXPECT_THAT(metrics, HasSubstr("waitstate_sidecar_http_requests_total{route=\"http\"} 3\n"));
  EXPECT_THAT(metrics, HasSubstr("connections_opened_total{route=\"http\",reason=\"first\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("how=\"first_by_us\"} 0\n"));
  const auto status = get("/status");
  EXPECT_THAT(status, HasSubstr("\"protocol\": \"http\""));
  EXPECT_THAT(status, HasSubstr("\"http_requests_over_reused_total\": 2"));
  EXPECT_EQ(get("/healthz"), "ok\n");
}

TEST_F(admin, takes_a_server_out_and_back) {
  begin();
  ask_once();
  EXPECT_EQ(get("/readyz"), "ok\n");
  const auto at = client::to_string(server_.at());
  const auto order = [&](std::string_view word) {
    return ask_admin(
        path_, "POST", "/servers",
        R"({"route": "http", "server": ")" + at + R"(", "order": ")" + std::string(word) + "\"}");
  };
  EXPECT_EQ(order("drain").value(), "done\n");
  EXPECT_EQ(get("/readyz"), "route 'http' has no server\n");
  EXPECT_THAT(get("/status"), HasSubstr("\"taken_out\": true"));
  EXPECT_EQ(order("ready").value(), "done\n");
  EXPECT_EQ(get("/readyz"), "ok\n");
  ask_once();
  EXPECT_THAT(order("stop").error().what, HasSubstr("there is no order 'stop'"));
  const auto unknown =
      ask_admin(path_, "POST", "/servers", R"({"route": "x", "server": "a:1", "order": "kill"})");
  EXPECT_THAT(unknown.error().what, HasSubstr("there is no route 'x'"));
  EXPECT_THAT(unknown.error().hint, HasSubstr("sidecar ctl"));
  EXPECT_EQ(ask_admin(path_, "POST", "/reload").value(), "read again\n");
}

TEST_F(admin, hands_the_listening_sockets_over) {
  begin();
  const auto handed = ask_for_sockets(path_).value();
  ASSERT_EQ(handed.size(), 1U);
  EXPECT_EQ(handed.front().name, client::to_string(front_));
}

TEST_F(admin, takes_orders_on_its_own_socket_alone) {
  begin();
  EXPECT_EQ(
      answer_admin({.method = "POST", .target = "/reload", .may_order = false}, hooks()).status,
      403);
  EXPECT_EQ(
      answer_admin({.method = "GET", .target = "/healthz", .may_order = false}, hooks()).status,
      200);
  EXPECT_EQ(answer_admin({.method = "DELETE", .target = "/", .may_order = true}, hooks()).status,
            405);
  EXPECT_EQ(
      answer_admin({.method = "GET", .target = "/nothing", .may_order = true}, hooks()).status,
      404);
  const auto bad = answer_admin(
      {.method = "POST", .target = "/servers", .body = "[{", .may_order = true}, hooks());
  EXPECT_EQ(bad.status, 400);
}

TEST(admin_client, says_where_nobody_is) {
  const auto said = ask_admin("/nowhere/sidecar.sock", "GET", "/status");
  ASSERT_FALSE(said);
  EXPECT_THAT(said.error().what, HasSubstr("admin socket '/nowhere/sidecar.sock'"));
  EXPECT_THAT(said.error().hint, HasSubstr("--admin"));
}

}  // namespace
}  // namespace waitstate::sidecar
