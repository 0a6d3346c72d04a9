#include "http/http_service.h"

#include <sys/socket.h>

#include <atomic>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "sidecar_fixture.h"
#include "test_server.h"
#include "waitstate/base/fd.h"
#include "waitstate/sidecar/config.h"
#include "waitstate/sidecar/sidecar.h"

namespace waitstate::sidecar {
namespace {

using client::send_all;
using client::test_server;
using namespace std::chrono_literals;

constexpr std::string_view hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

class http_route : public sidecar_fixture {};

TEST_F(http_route, serves_many_clients_over_one_connection) {
  const test_server server(answering([](std::string_view) { return std::string(hello); }));
  start(server);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
              "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
  }
  EXPECT_EQ(server.accepted(), 1);
  EXPECT_EQ(figure_of("http_requests_total"), 20U);
  EXPECT_EQ(figure_of("http_requests_over_reused_total"), 19U);
}

TEST_F(http_route, asks_as_itself) {
  const test_server server(answering([](std::string_view request) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(request.size()) + "\r\n\r\n" +
           std::string(request);
  }));
  start(server);
  const auto got =
      ask("GET http://a.example/x?y HTTP/1.1\r\nHost: a.example\r\nConnection: close, x-mine\r\n"
          "X-Mine: 1\r\nKeep-Alive: 5\r\nX-Kept: 2\r\n\r\n");
  EXPECT_NE(got.find("\r\n\r\nGET /x?y HTTP/1.1\r\nHost: a.example\r\nX-Kept: 2\r\n\r\n"),
            std::string::npos)
      << got;
}

TEST_F(http_route, does_not_let_clients_take_it_for_the_server) {
  const test_server server(answering([](std::string_view request) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(request.size()) + "\r\n\r\n" +
           std::string(request);
  }));
  start(server);
  const auto host_sent_for = [this](const std::string& host) {
    const auto got = ask("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    const auto at = got.find("Host: ") + 6;
    return got.substr(at, got.find('\r', at) - at);
  };
  EXPECT_EQ(host_sent_for("api.example"), "api.example");
  EXPECT_EQ(host_sent_for(client::to_string(front_)), client::to_string(server.at()));
  EXPECT_EQ(host_sent_for("localhost:" + std::to_string(front_.port)),
            client::to_string(server.at()));
  start(server, [](route& r) { r.host = "a.example"; });
  EXPECT_EQ(host_sent_for("b.example"), "a.example");
}

TEST_F(http_route, answers_pipelined_requests_in_order) {
  std::atomic<int> turn{0};
  const test_server server(answering([&](std::string_view) {
    return "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + std::to_string(++turn);
  }));
  start(server);
  const auto got = ask(
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const auto first = got.find("\r\n\r\n1HTTP/1.1 200");
  EXPECT_NE(first, std::string::npos) << got;
  EXPECT_TRUE(got.ends_with("\r\n\r\n2")) << got;
}

TEST_F(http_route, undoes_chunks_for_an_old_client) {
  const test_server server(answering([](std::string_view) {
    return std::string(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
        "chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
  }));
  start(server);
  EXPECT_EQ(ask("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcde");
  EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(http_route, never_shows_the_race_with_a_server_that_closes_when_idle) {
  // Each connection serves one request and ends when the next begins.
  std::atomic<int> posts{0};
  const test_server server([&](int socket) {
    const auto request = read_request(socket);
    if (request.starts_with("POST")) ++posts;
    send_all(socket, hello);
    read_request(socket);
  });
  start(server);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").ends_with("hello"));
  }
  EXPECT_GT(figure_of("http_retries_helped_total"), 0U);
  // A POST that may have been done is not sent again; what it meets is told.
  const auto got =
      ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
  EXPECT_TRUE(got.starts_with("HTTP/1.1 502 Bad Gateway")) << got;
  EXPECT_NE(got.find("Proxy-Status: waitstate; error=connection_terminated"), std::string::npos);
  EXPECT_EQ(posts, 0);
}

TEST_F(http_route, does_not_use_a_connection_again_that_spoke_unasked) {
  const test_server server(answering([](std::string_view) {
    return std::string(hello) + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
  }));
  start(server);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").ends_with("hello"));
  }
  EXPECT_EQ(server.accepted(), 3);
}

TEST_F(http_route, believes_a_server_that_says_how_long_it_waits) {
  const test_server server(answering([](std::string_view) {
    return std::string("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nContent-Length: 0\r\n\r\n");
  }));
  start(server);
  const auto got = ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(got.find("Keep-Alive"), std::string::npos) << "it is about the server's connection";
  const auto learned =
      running_->status().front().servers.front().endpoints.front().idle_limit_learned;
  ASSERT_TRUE(learned);
  EXPECT_EQ(*learned, 4s) << "closed before the server does";
}

TEST_F(http_route, refuses_what_could_be_understood_in_two_ways) {
  const test_server server(answering([](std::string_view) { return std::string(hello); }));
  start(server);
  const auto got =
      ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
          "0\r\n\r\nGET /admin HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(got.starts_with("HTTP/1.1 400 Bad Request")) << got;
  EXPECT_EQ(got.find("hello"), std::string::npos);
  EXPECT_EQ(server.accepted(), 0);
}

TEST_F(http_route, refuses_a_body_that_goes_wrong_while_it_is_passed_on) {
  const test_server server([](int socket) {
    read_request(socket);
    test_server::read_to_end(socket);
  });
  start(server);
  const auto got = ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n40000\r\n" +
                       std::string(0x40000, 'x') + "\r\nno size\r\n");
  EXPECT_TRUE(got.starts_with("HTTP/1.1 400 Bad Request")) << got;
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(http_route, tells_an_answer_that_broke_off_by_a_reset) {
  const test_server server([](int socket) {
    read_request(socket);
    send_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  });
  start(server);
  bool was_reset = false;
  const auto got = ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n", &was_reset);
  EXPECT_TRUE(was_reset);
  EXPECT_EQ(got.find("502"), std::string::npos) << "nothing may follow a half response";
}

TEST_F(http_route, carries_a_tunnel_after_an_upgrade) {
  const test_server server([](int socket) {
    read_request(socket);
    send_all(socket,
             "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
    test_server::echo(socket);
  });
  start(server);
  const fd client = connected();
  ASSERT_TRUE(send_all(client.get(),
                       "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"
                       "early "));
  EXPECT_EQ(read_request(client.get()),
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
  ASSERT_TRUE(send_all(client.get(), "ping"));
  EXPECT_EQ(read_exactly(client.get(), 10), "early ping");
}

TEST_F(http_route, keeps_a_connection_whose_client_has_gone) {
  const test_server server(answering([](std::string_view) {
    std::this_thread::sleep_for(50ms);
    return std::string(hello);
  }));
  start(server);
  {
    const fd client = connected();
    ASSERT_TRUE(send_all(client.get(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    reset_on_close(client.get());
  }
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").ends_with("hello"));
  EXPECT_LE(server.accepted(), 2) << "the second may come before the first is drained";
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").ends_with("hello"));
  EXPECT_LE(server.accepted(), 2);
}

TEST_F(http_route, says_what_is_wrong_with_a_server) {
  {
    const test_server server(test_server::echo);
    gone_ = server.at();
  }
  start_to(gone_);
  const auto got =
      ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(got.starts_with("HTTP/1.1 502 Bad Gateway")) << got;
  EXPECT_NE(got.find("Proxy-Status: waitstate; error=connection_refused"), std::string::npos)
      << got;
  EXPECT_NE(got.find("Connection refused"), std::string::npos) << got;
}

}  // namespace
}  // namespace waitstate::sidecar
