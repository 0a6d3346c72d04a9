#include "redis/redis_dialogue.h"

#include <ranges>
#include <vector>

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

redis_verdict say(redis_dialogue& with, std::string_view line) {
  std::vector<std::string_view> words;
  for (const auto word : std::views::split(line, ' ')) {
    words.emplace_back(word.begin(), word.end());
  }
  return with.on_request(words);
}

/// "answer +OK", "shared read", "pinned", "prepare 3 0": what a request becomes.
std::string told(const redis_verdict& v) {
  using enum redis_step;
  std::string text;
  switch (v.step) {
    case answer: text = "answer " + v.text.substr(0, v.text.find('\r')); break;
    case shared: text = "shared"; break;
    case pinned: text = "pinned"; break;
    case tunnel: text = "tunnel"; break;
    case prepare:
      text = "prepare " + std::to_string(v.protocol) + " " + std::to_string(v.database);
      break;
  }
  if (v.is_read) text += " read";
  if (v.may_block) text += " blocks";
  if (v.closes) text += " closes";
  return text;
}

/// What each of these lines becomes, prepared as asked, and taken by the server.
std::vector<std::string> becomes(redis_dialogue& with, const std::vector<std::string>& lines) {
  std::vector<std::string> all;
  all.reserve(lines.size());
  for (const auto& line : lines) {
    const auto v = say(with, line);
    if (v.step == redis_step::prepare) with.prepared(v);
    with.becomes(v, all.size());
    if (v.step == redis_step::pinned) with.replied(all.size(), "+OK\r\n", true);
    if (v.step == redis_step::tunnel && v.is_reset) with.was_reset();
    all.push_back(told(v));
  }
  return all;
}

using lines = std::vector<std::string>;

redis_dialogue open_one() {
  return redis_dialogue({.number = 7, .from = "127.0.0.1:5"});
}
redis_dialogue guarded() {
  return redis_dialogue({.password = "secret", .number = 7});
}

TEST(redis_dialogue, sends_on_what_it_is_asked) {
  auto d = open_one();
  EXPECT_EQ(becomes(d, {"GET a", "SET a 1", "PING", "BLPOP a 0", "GET a"}),
            (lines{"shared read", "shared", "shared read", "pinned blocks", "shared read"}));
}

// What they say when they connect, as their sources and traces have it.
TEST(redis_dialogue, answers_the_handshakes_of_todays_clients) {
  auto phpredis = open_one();
  EXPECT_EQ(becomes(phpredis, {"AUTH secret", "SELECT 2", "GET a"}),
            (lines{"answer +OK", "prepare 2 2", "shared read"}));
  auto predis = open_one();
  EXPECT_EQ(becomes(predis, {"CLIENT SETINFO LIB-NAME predis", "CLIENT SETNAME web", "SELECT 0"}),
            (lines{"answer +OK", "answer +OK", "answer +OK"}));
  auto redis_py = open_one();
  EXPECT_EQ(becomes(redis_py, {"HELLO 3 AUTH default x", "CLIENT SETNAME a",
                               "CLIENT SETINFO LIB-NAME redis-py", "SELECT 1"}),
            (lines{"prepare 3 0", "answer +OK", "answer +OK", "prepare 3 1"}));
  auto ioredis = open_one();
  EXPECT_EQ(becomes(ioredis, {"INFO", "CLIENT SETINFO LIB-VER 5.0", "SELECT 0"}),
            (lines{"shared", "answer +OK", "answer +OK"}));
  auto lettuce = open_one();
  EXPECT_EQ(becomes(lettuce, {"HELLO 3 AUTH u p SETNAME app", "CLIENT GETNAME", "CLIENT ID"}),
            (lines{"prepare 3 0", "answer $3", "answer :7"}));
  auto go_redis = open_one();
  EXPECT_EQ(becomes(go_redis, {"hello 3", "client setinfo LIB-NAME go", "client no-touch on"}),
            (lines{"prepare 3 0", "answer +OK", "answer +OK"}));
  auto stack_exchange = open_one();
  EXPECT_EQ(becomes(stack_exchange, {"HELLO 2", "CLIENT SETNAME host", "ECHO x", "CONFIG GET x"}),
            (lines{"prepare 2 0", "answer +OK", "shared read", "shared"}));
}

TEST(redis_dialogue, wants_the_password_of_its_route) {
  auto d = guarded();
  EXPECT_EQ(
      becomes(d, {"GET a", "AUTH wrong", "AUTH other secret", "AUTH secre", "AUTH secretsecret",
                  "AUTH", "SUBSCRIBE a", "MULTI", "CLIENT ID", "SELECT 1"}),
      (lines{"answer -NOAUTH Authentication required.",
             "answer -WRONGPASS invalid username-password pair or user is disabled.",
             "answer -WRONGPASS invalid username-password pair or user is disabled.",
             "answer -WRONGPASS invalid username-password pair or user is disabled.",
             "answer -WRONGPASS invalid username-password pair or user is disabled.",
             "answer -ERR wrong number of arguments for 'auth' command",
             "answer -NOAUTH Authentication required.", "answer -NOAUTH Authentication required.",
             "answer -NOAUTH Authentication required.",
             "answer -NOAUTH Authentication required."}));
  EXPECT_FALSE(d.needs_pinned());
  EXPECT_EQ(becomes(d, {"AUTH secret", "GET a", "RESET", "GET a", "AUTH default secret", "GET a"}),
            (lines{"answer +OK", "shared read", "answer +RESET",
                   "answer -NOAUTH Authentication required.", "answer +OK", "shared read"}));
  auto greets = guarded();
  EXPECT_TRUE(told(say(greets, "HELLO 3")).starts_with("answer -NOAUTH HELLO"));
  EXPECT_TRUE(told(say(greets, "HELLO 3 AUTH default no")).starts_with("answer -WRONGPASS"));
  EXPECT_EQ(told(say(greets, "HELLO 3 AUTH default secret")), "prepare 3 0");
  redis_dialogue named({.user = "app", .password = "secret"});
  EXPECT_TRUE(told(say(named, "AUTH default secret")).starts_with("answer -WRONGPASS"));
  EXPECT_EQ(told(say(named, "AUTH app secret")), "answer +OK");
}

TEST(redis_dialogue, pins_from_watch_or_multi_to_exec) {
  auto d = open_one();
  EXPECT_EQ(becomes(d, {"WATCH a", "GET a", "MULTI", "SET a 1", "GET a", "EXEC", "GET a"}),
            (lines{"pinned read", "pinned read", "pinned read", "pinned", "pinned read", "pinned",
                   "shared read"}));
  EXPECT_EQ(becomes(d, {"MULTI", "UNWATCH", "DISCARD", "GET a"}),
            (lines{"pinned read", "pinned read", "pinned read", "shared read"}));
  EXPECT_EQ(becomes(d, {"WATCH a", "SET a 1", "UNWATCH", "GET a", "EXEC"}),
            (lines{"pinned read", "pinned", "pinned read", "shared read", "shared"}));
  EXPECT_EQ(becomes(d, {"MULTI"}), lines{"pinned read"});
  EXPECT_TRUE(d.needs_pinned());
  EXPECT_EQ(d.pinned_for(), "MULTI");
  d.unpinned();
  EXPECT_FALSE(d.needs_pinned());
  EXPECT_TRUE(becomes(d, {"WATCH a", "SELECT 1"}).back().starts_with("answer -ERR waitstate: "));
}

TEST(redis_dialogue, is_pinned_by_what_the_server_says) {
  auto d = open_one();
  std::uint64_t number = 0;
  const auto asks = [&](std::string_view line, std::string_view reply) {
    const auto v = say(d, line);
    d.becomes(v, number);
    d.replied(number++, reply, true);
    return told(v);
  };
  EXPECT_EQ(asks("MULTI x", "-ERR wrong number of arguments for 'multi' command\r\n"),
            "pinned read");
  EXPECT_TRUE(d.is_clean());
  EXPECT_EQ(asks("INCR a", ":1\r\n"), "shared");
  EXPECT_EQ(asks("MULTI", "+OK\r\n"), "pinned read");
  EXPECT_EQ(asks("DISCARD x", "-ERR wrong number of arguments for 'discard' command\r\n"),
            "pinned read");
  EXPECT_FALSE(d.is_clean());
  EXPECT_EQ(asks("INCR a", "+QUEUED\r\n"), "pinned");
  EXPECT_EQ(asks("EXEC", "*1\r\n"), "pinned");
  EXPECT_TRUE(d.is_clean());
  EXPECT_EQ(asks("WATCH a", "+OK\r\n"), "pinned read");
  EXPECT_EQ(d.pinned_for(), "WATCH");
  EXPECT_EQ(asks("DISCARD", "-ERR DISCARD without MULTI\r\n"), "pinned read");
  EXPECT_FALSE(d.is_clean());
  EXPECT_EQ(asks("UNWATCH", "+OK\r\n"), "pinned read");
  EXPECT_TRUE(d.is_clean());
}

TEST(redis_dialogue, judges_after_the_replies_what_depends_on_them) {
  auto d = open_one();
  const auto depends = [&](std::string_view word) {
    const std::vector<std::string_view> words{word, "a"};
    return d.depends_on_replies(words);
  };
  EXPECT_FALSE(depends("SELECT"));
  d.becomes(say(d, "MULTI"), 0);
  EXPECT_FALSE(d.is_clean());
  EXPECT_FALSE(depends("INCR") || depends("EXEC") || depends("BLPOP"));
  EXPECT_TRUE(depends("SELECT") && depends("HELLO") && depends("AUTH") && depends("SUBSCRIBE") &&
              depends("QUIT") && depends("RESET"));
  // It is done at once if the server refuses MULTI, and is not to be done again.
  EXPECT_EQ(told(say(d, "INCR a")), "pinned");
  d.becomes(say(d, "EXEC"), 1);
  EXPECT_TRUE(depends("GET") && depends("MULTI"));
  EXPECT_FALSE(d.needs_pinned() || d.is_clean());
  d.replied(0, "+OK\r\n", true);
  d.replied(1, "*0\r\n", true);
  EXPECT_FALSE(depends("GET"));
  EXPECT_TRUE(d.is_clean());
}

TEST(redis_dialogue, has_passwords_answered_in_their_turn_within_a_tunnel) {
  auto d = guarded();
  EXPECT_EQ(becomes(d, {"AUTH secret", "SUBSCRIBE a", "AUTH secret", "AUTH wrong"}),
            (lines{"answer +OK", "tunnel", "tunnel", "tunnel"}));
  EXPECT_EQ(say(d, "AUTH secret").text, "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$0\r\n\r\n");
  EXPECT_EQ(say(d, "AUTH wrong").text, "*1\r\n$4\r\nAUTH\r\n");
  EXPECT_EQ(d.pinned_for(), "SUBSCRIBE");
}

TEST(redis_dialogue, opens_a_tunnel_for_what_has_no_replies_in_turn) {
  auto d = open_one();
  EXPECT_EQ(becomes(d, {"SUBSCRIBE a", "PING", "UNSUBSCRIBE", "GET a", "QUIT"}),
            (lines{"tunnel", "tunnel", "tunnel", "tunnel", "tunnel closes"}));
  auto queued = open_one();
  EXPECT_EQ(becomes(queued, {"MULTI", "SELECT 3", "EXEC", "GET a"}),
            (lines{"pinned read", "tunnel", "tunnel", "tunnel"}));
  EXPECT_EQ(becomes(queued, {"RESET", "GET a"}), (lines{"tunnel", "shared read"}));
}

TEST(redis_dialogue, remembers_only_what_the_server_took) {
  auto d = open_one();
  const auto wanted = say(d, "SELECT 5");
  EXPECT_EQ(d.database(), 0);
  d.prepared(wanted);
  EXPECT_EQ(d.database(), 5);
  const auto hello = say(d, "HELLO 3 SETNAME me");
  EXPECT_EQ(d.name(), "");
  EXPECT_EQ(d.protocol(), 2);
  d.prepared(hello);
  EXPECT_EQ(d.name(), "me");
  EXPECT_EQ(d.protocol(), 3);
  EXPECT_EQ(d.database(), 5);
}

TEST(redis_dialogue, says_what_is_wrong_as_the_server_does) {
  auto d = open_one();
  EXPECT_EQ(
      becomes(d, {"SELECT x", "SELECT -1", "SELECT", "HELLO 4", "HELLO x", "HELLO 3 AUTH a",
                  "CLIENT SETNAME", "CLIENT GETNAME"}),
      (lines{"answer -ERR value is not an integer or out of range",
             "answer -ERR DB index is out of range",
             "answer -ERR wrong number of arguments for 'select' command",
             "answer -NOPROTO unsupported protocol version",
             "answer -ERR Protocol version is not an integer or out of range",
             "answer -ERR waitstate: HELLO has an option that is not AUTH or SETNAME",
             "answer -ERR wrong number of arguments for 'client|setname' command", "answer $-1"}));
  const std::vector<std::string_view> with_blank = {"CLIENT", "SETNAME", "a b"};
  EXPECT_TRUE(told(d.on_request(with_blank)).starts_with("answer -ERR Client names"));
  EXPECT_TRUE(told(say(d, "WAIT 1 0")).starts_with("answer -ERR waitstate: WAIT is about"));
  EXPECT_TRUE(told(say(d, "POST /")).ends_with("closes"));
  EXPECT_EQ(redis_error("two\r\nlines"), "-ERR waitstate: two  lines\r\n");
}

}  // namespace
}  // namespace waitstate::sidecar
