#include "waitstate/client/http/http_client.h"

#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <memory>
#include <mutex>

#include <gtest/gtest.h>

#include "http_test.h"
#include "test_io.h"
#include "test_server.h"
#include "waitstate/client/http/blocking_http.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

/// Answers each request with what `answer_to` makes of its head, until the client closes.
test_server::behaviour speaking(std::function<std::string(const std::string& head)> answer_to) {
  return [answer_to](int socket) {
    for (auto head = read_head(socket); !head.empty(); head = read_head(socket)) {
      if (!send_all(socket, answer_to(head))) return;
    }
  };
}

std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string moved(const std::string& to) {
  return "HTTP/1.1 302 Found\r\nContent-Length: 4\r\nLocation: " + to + "\r\n\r\nmove";
}

std::string url(const test_server& at, const std::string& target) {
  return "http://127.0.0.1:" + std::to_string(at.at().port) + target;
}

bool is_for(const std::string& head, const std::string& target) {
  return head.find(" " + target + " ") != head.npos;
}

TEST(blocking_http, gets_a_url_in_one_line) {
  const test_server server(speaking([](const auto& head) {
    EXPECT_NE(head.find("Host: 127.0.0.1:"), head.npos);
    return ok("hi");
  }));
  io_threads background;
  blocking_http http(background);
  const auto got = http.request(http_get(url(server, "/x")), 5s);
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->body, "hi");
  EXPECT_EQ(http.request(http_post(url(server, "/x"), "a", "text/plain"), 5s)->status, 200);
  EXPECT_EQ(http.request(http_put(url(server, "/x"), "", "text/plain"), 5s)->status, 200);
  EXPECT_EQ(http.request(http_delete(url(server, "/x")), 5s)->status, 200);
  EXPECT_EQ(server.accepted(), 1);
}

TEST(blocking_http, refuses_what_is_no_url) {
  io_threads background;
  blocking_http http(background);
  const auto got = http.request(http_get("/x"), 5s);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().what, "url '/x': it starts with neither http:// nor https://");
}

TEST(http_client, fails_at_once_for_a_name_that_does_not_resolve) {
  io_threads background;
  http_client_settings settings;
  settings.dns.resolve = [](std::string host, std::uint16_t) -> task<std::vector<endpoint>> {
    co_return failure({.code = errc::not_found, .what = "no name '" + host + "'", .hint = {}});
  };
  blocking_http http(background, settings);
  const auto began = clock::now();
  const auto got = http.request(http_get("http://nobody.example/"), 60s);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().what,
            "cluster 'http://nobody.example': no endpoint is known: no name 'nobody.example'");
  EXPECT_LT(clock::now() - began, 30s);
}

TEST(http_client, keeps_a_bounded_number_of_hosts_and_stops_the_one_used_longest_ago) {
  io_threads background;
  http_client_settings settings{.hosts_max = 2};
  settings.dns.resolve = nullptr;
  blocking_http http(background, settings);
  const auto hi = speaking([](const auto&) { return ok("hi"); });
  const test_server a(hi);
  const test_server b(hi);
  const test_server c(hi);
  for (const auto* const server : {&a, &b, &a, &c, &a}) {
    ASSERT_TRUE(http.request(http_get(url(*server, "/")), 5s));
  }
  EXPECT_EQ(http.coroutines().clusters().size(), 2U);
  EXPECT_EQ(a.accepted(), 1) << "b was used longer ago than a";
  ASSERT_TRUE(http.request(http_get(url(b, "/")), 5s));
  EXPECT_EQ(b.accepted(), 2);
}

TEST(blocking_http, may_wait_for_ever) {
  const test_server server(speaking([](const auto&) { return ok("hi"); }));
  io_threads background;
  blocking_http http(background);
  const auto got = http.request(http_get(url(server, "/")), duration::max());
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->body, "hi");
}

TEST(http_client, names_clusters_so_that_no_two_are_the_same_series) {
  const test_server server(speaking([](const auto&) { return ok("hi"); }));
  io_threads background;
  blocking_http http(background);
  const auto at = to_string(server.at());
  EXPECT_TRUE(http.request(http_get("http://" + at + "/"), 5s));
  EXPECT_FALSE(http.request(http_get("https://" + at + "/"), 5s));
  std::vector<std::string> names;
  for (const auto& c : http.coroutines().clusters()) names.push_back(c->name());
  EXPECT_EQ(names, (std::vector<std::string>{"http://" + at, "https://" + at}));
}

TEST(http_client, does_not_follow_redirects_unless_told_to) {
  const test_server server(
      speaking([](const auto& head) { return is_for(head, "/a") ? moved("/b") : ok("there"); }));
  io_threads background;
  blocking_http stays(background);
  const auto got = stays.request(http_get(url(server, "/a")), 5s);
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->status, 302);
  EXPECT_EQ(got->body, "move");
  blocking_http follows(background, {.follow_redirects_max = 3});
  EXPECT_EQ(follows.request(http_get(url(server, "/a")), 5s)->body, "there");
}

TEST(http_client, ends_a_circle_of_redirects_with_the_last_one) {
  std::atomic<int> requests{0};
  const test_server server(speaking([&](const auto&) {
    ++requests;
    return moved("/a");
  }));
  io_threads background;
  blocking_http http(background, {.follow_redirects_max = 3});
  const auto got = http.request(http_get(url(server, "/a")), 5s);
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->status, 302);
  EXPECT_EQ(got->body, "move");
  EXPECT_EQ(requests, 4);
}

TEST(http_client, takes_no_credentials_to_another_origin) {
  std::mutex lock;
  std::string seen;
  const test_server other(speaking([&](const auto& head) {
    const std::scoped_lock held(lock);
    seen = head;
    return ok("there");
  }));
  const test_server server(speaking([&](const auto&) { return moved(url(other, "/")); }));
  io_threads background;
  blocking_http http(background, {.follow_redirects_max = 3});
  auto request = http_get(url(server, "/"));
  request.headers.add("Authorization", "secret");
  request.headers.add("X-Api-Key", "secret");
  request.headers.add("Accept", "text/html");
  std::string body;
  http_call_options options{.deadline = 5s};
  options.on_body = [&](const http_response&, std::string_view piece) -> result<> {
    body += piece;
    return {};
  };
  ASSERT_TRUE(http.request(request, options));
  EXPECT_EQ(body, "there") << "the redirect's own body is nobody's";
  const std::scoped_lock held(lock);
  EXPECT_EQ(seen.find("secret"), seen.npos);
  EXPECT_NE(seen.find("Accept: text/html"), seen.npos);
}

TEST(http_client, waits_for_room_however_many_hosts_are_asked_at_once) {
  std::vector<std::unique_ptr<test_server>> servers;
  for (int i = 0; i < 5; ++i) {
    servers.push_back(std::make_unique<test_server>(speaking([](const auto&) { return ok("x"); })));
  }
  io_threads background;
  blocking_http http(background, {.hosts_max = 2, .connections_max = 1});
  std::vector<std::future<result<http_response>>> calls;
  for (int i = 0; i < 20; ++i) {
    calls.push_back(std::async(std::launch::async, [&, i] {
      return http.request(http_get(url(*servers[static_cast<std::size_t>(i % 5)], "/")), 20s);
    }));
  }
  for (auto& call : calls) {
    const auto got = call.get();
    EXPECT_TRUE(got) << got.error().what;
  }
}

TEST(http_client, asks_again_after_a_status_that_says_so) {
  std::atomic<int> requests{0};
  const test_server server(speaking([&](const auto&) -> std::string {
    if (++requests % 2 == 0) return ok("there");
    return "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 4\r\n\r\nbusy";
  }));
  io_threads background;
  blocking_http plain(background);
  EXPECT_EQ(plain.request(http_get(url(server, "/")), 5s)->status, 503);
  requests = 0;
  blocking_http http(background, {.http = {.retry_statuses = {503}}});
  EXPECT_EQ(http.request(http_get(url(server, "/")), 5s)->body, "there");
  EXPECT_EQ(http.request(http_post(url(server, "/"), "x"), 5s)->status, 503) << "not idempotent";
  requests = 0;
  blocking_http once(
      background, {.http = {.retry_statuses = {503}}, .cluster = {.retries = {.attempts_max = 1}}});
  const auto last = once.request(http_get(url(server, "/")), 5s);
  ASSERT_TRUE(last) << last.error().what;
  EXPECT_EQ(last->body, "busy");
}

TEST(http_client, fails_after_it_was_stopped) {
  io_threads background;
  blocking_http http(background);
  http.coroutines().stop();
  const auto got = http.request(http_get("http://127.0.0.1:1/"), 5s);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().what, "http client: it was stopped");
}

}  // namespace
}  // namespace waitstate::client
