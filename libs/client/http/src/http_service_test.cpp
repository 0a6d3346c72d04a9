#include "waitstate/client/http/http_service.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "http_test.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

class http_service_test : public http_test {};

TEST_F(http_service_test, keeps_one_connection_for_many_calls) {
  const test_server server(answers(hi));
  const auto from = service(server);
  for (int i = 0; i < 100; ++i) {
    const auto got = get(from);
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(got->body, "hi");
    EXPECT_TRUE(is_kept(from));
  }
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(http_service_test, sends_what_it_was_given_and_nothing_else) {
  std::string seen;
  const test_server server([&](int socket) {
    seen = read_head(socket);
    seen += read_bytes(socket, 3);
    send_all(socket, hi);
  });
  const auto from = service(server, {.host = "a.example"});
  auto request = http_post("/x?y", "abc", "text/plain");
  request.headers.add("X-Own", "1");
  ASSERT_TRUE(io_.await(from.request(request, {.deadline = clock::now() + 5s})));
  EXPECT_EQ(seen,
            "POST /x?y HTTP/1.1\r\nHost: a.example\r\nUser-Agent: waitstate\r\n"
            "Content-Type: text/plain\r\nX-Own: 1\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
            "Content-Length: 3\r\n\r\nabc");
}

TEST_F(http_service_test, tells_of_its_calls_and_sends_what_it_is_told_to) {
  std::string seen;
  const test_server server([&](int socket) {
    seen = read_head(socket);
    send_all(socket, hi);
  });
  cluster_settings over;
  over.calls.begins = [](call_record& r) {
    r.fields = {{.name = "traceparent", .value = "00-7"},
                {.name = "X-Cut", .value = "a\r\nX-In: 1"},
                {.name = "Host", .value = "elsewhere"},
                {.name = "Content-Length", .value = "9"}};
  };
  std::optional<call_record> told;
  over.calls.ended = [&](const call_record& r) {
    told = r;
    EXPECT_EQ(r.title.protocol, "http");
    EXPECT_EQ(r.title.method, "GET");
    EXPECT_EQ(r.title.target, "/x") << "a query may be a secret";
  };
  const auto from = service(server, {.host = "a.example"}, over);
  auto request = http_get("/x?key=1");
  request.headers.add("Traceparent", "00-6");
  const http_call_options options{.deadline = clock::now() + 5s,
                                  .context = std::make_shared<int>(1)};
  ASSERT_TRUE(io_.await(from.request(request, options)));
  EXPECT_EQ(seen,
            "GET /x?key=1 HTTP/1.1\r\nHost: a.example\r\nUser-Agent: waitstate\r\n"
            "Accept-Encoding: gzip, deflate, br, zstd\r\ntraceparent: 00-7\r\n\r\n");
  ASSERT_TRUE(told);
  EXPECT_EQ(told->status, 200);
  EXPECT_EQ(told->bytes_sent, seen.size());
  EXPECT_EQ(told->bytes_received, hi.size());
  EXPECT_EQ(told->context, options.context);
}

TEST_F(http_service_test, each_half_of_a_hedged_call_has_its_own_response) {
  // Each answers with its own name, both at about the moment that the second is asked.
  const auto named = [](const std::string& name, duration after) {
    return [=](int socket) {
      const auto answer =
          "HTTP/1.1 200 OK\r\nX-From: " + name + "\r\nContent-Length: 1\r\n\r\n" + name;
      while (!read_head(socket).empty()) {
        std::this_thread::sleep_for(after);
        if (!send_all(socket, answer)) return;
      }
    };
  };
  const test_server a(named("a", 10ms));
  const test_server b(named("b", 10ms));
  cluster_settings settings{.retries = {.hedge_after = 10ms},
                            .retry_budget = {.retries_per_second = 1000}};
  std::vector<endpoint> answered;
  settings.calls.ended = [&](const call_record& r) {
    if (r.failed == nullptr) answered.push_back(r.server.value());
  };
  made_.push_back(cluster::make(io_.executor(), static_source({{.at = a.at()}, {.at = b.at()}}),
                                std::move(settings))
                      .value());
  const http_service from(made_.back(), {});
  for (int i = 0; i < 50; ++i) {
    answered.clear();
    const auto got = get(from);
    ASSERT_TRUE(got) << got.error().what;
    ASSERT_EQ(got->headers.find("X-From"), got->body);
    const auto& by = got->body == "a" ? a.at() : b.at();
    EXPECT_NE(std::ranges::find(answered, by), answered.end());
  }
  EXPECT_GE(made_.back()->metrics().hedges, 1U);
}

TEST_F(http_service_test, lets_no_setting_bring_in_a_header) {
  const test_server server(answers(hi));
  for (const auto& settings :
       {http_settings{.host = "a\r\nX: y"}, http_settings{.user_agent = "a\r\nX: y"}}) {
    const auto got = get(service(server, settings));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::invalid_input);
    EXPECT_EQ(got.error().what, std::string("http request: header ") +
                                    (settings.host.empty() ? "User-Agent" : "Host") +
                                    ": a control character in its value");
  }
  EXPECT_EQ(server.accepted(), 0);
}

TEST_F(http_service_test, keeps_or_drops_by_what_the_server_did) {
  const auto before = open_descriptors();
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  EXPECT_EQ(one(answers(hi)), "200 hi, kept");
  EXPECT_EQ(one(answers(ok + "Connection: close\r\nContent-Length: 2\r\n\r\nhi")),
            "200 hi, dropped");
  EXPECT_EQ(one(answers_once(ok + "\r\nuntil the end")), "200 until the end, dropped");
  EXPECT_EQ(one(answers("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi")), "200 hi, dropped");
  EXPECT_EQ(one(answers("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n"
                        "hi")),
            "200 hi, kept");
  EXPECT_EQ(one(answers(ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nA: 1\r\n\r\n")),
            "200 hi, kept");
  EXPECT_EQ(one(answers("HTTP/1.1 204 No Content\r\n\r\n")), "204 , kept");
  EXPECT_EQ(one(answers("HTTP/1.1 103 Hints\r\n\r\n" + hi)), "200 hi, kept");
  EXPECT_EQ(one(answers(hi + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")),
            "200 hi, dropped");
  EXPECT_EQ(one(answers(hi), {.keep_alive = false}), "200 hi, dropped");
  EXPECT_TRUE(soon([&] { return open_descriptors() <= before + 60; }));
}

TEST_F(http_service_test, says_what_is_wrong_with_a_response_and_drops_the_connection) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  EXPECT_EQ(one(answers_once(ok + "Content-Length: 9\r\n\r\nhi")),
            "http response: cut short: the server closed inside of the body, dropped");
  EXPECT_EQ(one(answers_once(ok + "Content-Le")),
            "http response: cut short: the server closed inside of the header, dropped");
  EXPECT_EQ(one(answers_once("")), "read: End of file, dropped");
  EXPECT_EQ(one(answers("SSH-2.0-x\r\n\r\n")), "http response: bad version, dropped");
  EXPECT_EQ(one(answers(ok + "X: " + std::string(70'000, 'x') + "\r\n\r\n")),
            "http response: the header is over 64 KiB, dropped");
  EXPECT_EQ(one(answers(ok + "Content-Length: 17000000\r\n\r\n")),
            "http response: the body is over 16 MiB, dropped");
  const auto half_closes = [](int socket) {
    read_head(socket);
    test_server::half_close(socket);
  };
  EXPECT_EQ(one(half_closes), "read: End of file, dropped");
  const auto resets = [](int socket) {
    read_head(socket);
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    ::close(::dup(socket));
    const int nothing = ::socket(AF_INET, SOCK_STREAM, 0);
    ::dup2(nothing, socket);
    ::close(nothing);
  };
  EXPECT_EQ(one(resets), "read: Connection reset by peer, dropped");
}

TEST_F(http_service_test, ends_a_stalled_response_at_its_deadline) {
  const auto stalls_after = [](std::string bytes) {
    return [bytes](int socket) {
      if (read_head(socket).empty()) return;
      send_all(socket, bytes);
      test_server::read_to_end(socket);
    };
  };
  for (const std::string bytes :
       {"", "HTTP/1.1 200 OK\r\nConte", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\n\r\nhi"}) {
    const auto began = clock::now();
    EXPECT_EQ(one(stalls_after(bytes), {}, 150ms), "read: the deadline passed, dropped") << bytes;
    EXPECT_LT(clock::now() - began, 2s);
  }
}

TEST_F(http_service_test, reads_a_response_in_many_packets) {
  const auto dribbles = [](int socket) {
    while (!read_head(socket).empty()) {
      const std::string bytes =
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n";
      for (const char c : bytes) send_all(socket, {&c, 1});
    }
  };
  EXPECT_EQ(one(dribbles), "200 hi!, kept");
}

TEST_F(http_service_test, reads_a_long_body_whole_and_keeps_the_connection) {
  const std::string body(5'000'000, 'x');
  const test_server server(answers("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n" + body));
  const auto from = service(server);
  for (int i = 0; i < 3; ++i) {
    const auto got = get(from);
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_TRUE(got->body == body);
    EXPECT_TRUE(is_kept(from));
  }
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(http_service_test, has_no_body_to_wait_for_after_a_head_request) {
  const test_server server(answers("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"));
  const auto from = service(server);
  const auto got = io_.await(from.request(http_head("/"), clock::now() + 5s));
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->headers.find("content-length"), "99");
  EXPECT_TRUE(is_kept(from));
}

TEST_F(http_service_test, tries_again_where_the_server_closed_an_idle_connection) {
  std::atomic<int> requests{0};
  const test_server server([&](int socket) {  // answers one request, closes on the next
    if (read_head(socket).empty()) return;
    ++requests;
    send_all(socket, hi);
    if (!read_head(socket).empty()) ++requests;
  });
  const auto from = service(server);
  for (int i = 0; i < 5; ++i) {
    const auto got = get(from);
    ASSERT_TRUE(got) << got.error().what;
  }
  EXPECT_EQ(from.over()->metrics().retries, 4U);
  const auto posted = io_.await(from.request(http_post("/", "x", "text/plain"), clock::now() + 5s));
  ASSERT_FALSE(posted) << "the server may have done it";
  EXPECT_EQ(from.over()->metrics().retries, 4U);
  EXPECT_EQ(metrics(from).leased, 0U);
}

TEST_F(http_service_test, gives_a_late_answer_to_nobody_else) {
  std::atomic<int> number{0};
  const test_server server([&](int socket) {
    while (!read_head(socket).empty()) {
      const auto mine = std::to_string(++number);
      if (mine == "1") std::this_thread::sleep_for(300ms);
      send_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + mine);
    }
  });
  const auto from = service(server);
  EXPECT_FALSE(get(from, 100ms));
  const auto got = get(from);
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->body, "2");
}

TEST_F(http_service_test, counts_a_gateway_error_against_the_server_and_returns_it) {
  const test_server server(answers("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"));
  const auto from = service(server);
  const auto got = get(from);
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->status, 503);
  EXPECT_TRUE(is_kept(from));
  EXPECT_EQ(metrics(from).failed, 1U);
}

TEST_F(http_service_test, learns_for_how_long_the_server_keeps_connections) {
  const test_server server(
      answers("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=10\r\nContent-Length: 0\r\n\r\n"));
  const auto from = service(server);
  ASSERT_TRUE(get(from));
  EXPECT_EQ(metrics(from).idle_limit_learned, 8s);
}

TEST_F(http_service_test, leaves_descriptors_as_they_were) {
  const test_server server(answers_once("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"));
  const auto from = service(server);
  EXPECT_FALSE(get(from));
  const auto client_side = [&] {
    return open_descriptors() - static_cast<std::size_t>(server.accepted());
  };
  const auto before = client_side();
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(get(from));
  EXPECT_TRUE(soon([&] { return client_side() <= before + 1; })) << before << client_side();
}

}  // namespace
}  // namespace waitstate::client
