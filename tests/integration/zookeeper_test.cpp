#include "waitstate/client/zookeeper.h"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_io.h"
#include "tests/integration/tcp_gate.h"
#include "tests/integration/zookeeper_hand.h"
#include "tests/integration/zookeeper_server.h"
#include "waitstate/client.h"
#include "waitstate/netlab/server_process.h"

namespace waitstate::integration_test {
namespace {

using namespace netlab;
using namespace std::chrono_literals;
using namespace client;
using kind = zookeeper_hand::kind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto path = "/twitter/service/waitstate/test/echo";
constexpr auto epoch = 200ms;

/// Waits, for 20 s at most: a server in Java may have to start in between.
template <class Condition>
bool in_time(Condition is_true) {
  for (int i = 0; i < 4; ++i) {
    if (soon(is_true)) return true;
  }
  return false;
}

std::string host(std::uint16_t port) {
  return fmt::format("127.0.0.1:{}", port);
}

std::string member_json(const std::string& name, std::uint16_t port = 1000) {
  return to_json({.service = {name, port}, .additional = {{"http", {name, 80}}}});
}

class zookeeper_test : public testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<zookeeper_server>(); }
  static void TearDownTestSuite() { server_.reset(); }

  void SetUp() override {
    // One server for all, so each test has its own group.
    group_ =
        fmt::format("{}/{}", path, testing::UnitTest::GetInstance()->current_test_info()->name());
  }
  void TearDown() override {
    for (const auto& one : sources_) one->stop();
    for (const auto& one : announcers_) one->stop();
    io_.stop();
  }

  zookeeper_settings settings(const std::string& hosts) {
    return {.address = {.ensembles = {hosts}, .path = group_, .endpoint_name = {}, .shard = {}},
            .session_timeout = 2s,
            .epoch = epoch,
            .unhealthy_max = 500ms,
            .retry_max = 200ms,
            .changed = [this](const zookeeper_report& report) {
              const std::scoped_lock held(lock_);
              reports_[report.ensemble] = report;
              states_.insert(report.state);
            }};
  }

  std::shared_ptr<endpoint_source> watch(const zookeeper_settings& with) {
    auto source = zookeeper_source(io_.executor(), with);
    io_.spawn(source->run());
    sources_.push_back(source);
    return source;
  }

  announcer_settings announcement(const std::string& hosts, const std::string& name) {
    return {.ensemble = hosts,
            .path = group_,
            .member = {.service = {name, 1000}},
            .session_timeout = 2s,
            .retry_max = 200ms};
  }

  std::shared_ptr<zookeeper_announcer> announce_here(announcer_settings with) {
    auto made = zookeeper_announcer::make(io_.executor(), std::move(with)).value();
    io_.spawn(made->run());
    announcers_.push_back(made);
    return made;
  }

  std::string join(const std::shared_ptr<zookeeper_announcer>& announcer) {
    auto node = io_.await(announcer->joined(clock::now() + 20s));
    return node ? *node : node.error().what;
  }

  zookeeper_report report(const std::string& hosts) {
    const std::scoped_lock held(lock_);
    return reports_[hosts];
  }
  bool has_been(zookeeper_state state) {
    const std::scoped_lock held(lock_);
    return states_.contains(state);
  }

  static std::unique_ptr<zookeeper_server> server_;
  std::string group_;
  test_io io_;
  std::vector<std::shared_ptr<endpoint_source>> sources_;
  std::vector<std::shared_ptr<zookeeper_announcer>> announcers_;
  std::mutex lock_;
  std::map<std::string, zookeeper_report> reports_;
  std::set<zookeeper_state> states_;
};

std::unique_ptr<zookeeper_server> zookeeper_test::server_;

std::string hosts_in(const endpoint_set& set) {
  std::string list;
  for (const auto& entry : set.endpoints) list += entry.at.host + ' ';
  return list;
}

/// Waits until these hosts, and no others, are the set.
bool becomes(const std::shared_ptr<endpoint_source>& source, const std::string& hosts,
             source_state state = source_state::ok) {
  const bool is = in_time([&] {
    const auto set = source->current();
    return hosts_in(set) == hosts && set.state == state;
  });
  const auto set = source->current();
  EXPECT_TRUE(is) << hosts_in(set) << to_string(set.state) << ' ' << (set.why ? set.why->what : "");
  return is;
}

TEST_F(zookeeper_test, members_appear_at_once_and_leave_after_an_epoch) {
  zookeeper_hand one(server_->hosts());
  auto two = std::make_unique<zookeeper_hand>(server_->hosts());
  one.create_all(group_);
  one.create(group_ + "/member_", member_json("a"), kind::ephemeral);
  const auto source = watch(settings(server_->hosts()));
  ASSERT_TRUE(becomes(source, "a "));
  two->create(group_ + "/member_", member_json("b"), kind::ephemeral);
  ASSERT_TRUE(becomes(source, "a b "));
  const auto left_at = clock::now();
  two.reset();
  ASSERT_TRUE(becomes(source, "a "));
  EXPECT_GE(clock::now() - left_at, epoch);
}

TEST_F(zookeeper_test, names_weights_statuses_and_what_is_left_out) {
  zookeeper_hand hand(server_->hosts());
  hand.create_all(group_);
  const auto add = [&](const std::string& data) {
    hand.create(group_ + "/member_", data, kind::sequential);
  };
  add(member_json("a"));
  add(member_json("b"));
  add(to_json({.service = {"c", 1}, .status = serverset_status::starting}));
  add(to_json({.service = {"d", 1}}));
  add("what is this");
  hand.create(group_ + "/something", "else", kind::persistent);
  hand.create(group_ + "/vector_1", R"({"vector":[{"select":"inet=a:80","weight":2.0}]})",
              kind::persistent);
  auto with = settings(server_->hosts());
  with.address.endpoint_name = "http";
  const auto source = watch(with);
  ASSERT_TRUE(becomes(source, "a b "));
  const std::vector<weighted_endpoint> weighted{{{"a", 80}, 2}, {{"b", 80}, 1}};
  EXPECT_EQ(source->current().endpoints, weighted);
  EXPECT_TRUE(in_time([&] {
    return report(server_->hosts()).left_out ==
           serverset_left_out{.corrupt = 1, .not_alive = 1, .no_such_name = 1};
  }));

  hand.set(
      group_ + "/vector_1",
      R"({"vector":[{"select":"inet=a:80","weight":-1.0},{"select":"inet=b:80","weight":5}]})");
  ASSERT_TRUE(becomes(source, "b "));
  EXPECT_EQ(source->current().endpoints.front().weight, 5);
  hand.remove(group_ + "/vector_1");
  ASSERT_TRUE(becomes(source, "a b "));
  EXPECT_EQ(source->current().endpoints.back().weight, 1);
}

TEST_F(zookeeper_test, watches_are_set_again_over_many_changes) {
  zookeeper_hand hand(server_->hosts());
  hand.create_all(group_);
  auto with = settings(server_->hosts());
  with.epoch = 1ms;
  const auto source = watch(with);
  ASSERT_TRUE(becomes(source, ""));
  std::string former;
  for (int i = 0; i < 150; ++i) {
    const auto name = fmt::format("host{:03}", i);
    auto node = hand.create(group_ + "/member_", member_json(name), kind::sequential);
    if (!former.empty()) hand.remove(former);
    former = std::move(node);
    if (i % 10 == 0) {
      ASSERT_TRUE(becomes(source, name + ' '));
    }
  }
  ASSERT_TRUE(becomes(source, "host149 "));
}

TEST_F(zookeeper_test, a_path_that_is_made_later_and_again_is_followed) {
  const auto source = watch(settings(server_->hosts()));
  ASSERT_TRUE(becomes(source, ""));
  zookeeper_hand hand(server_->hosts());
  hand.create_all(group_);
  const auto first = hand.create(group_ + "/member_", member_json("a"), kind::sequential);
  ASSERT_TRUE(becomes(source, "a "));
  hand.remove(first);
  hand.remove(group_);
  hand.create(group_, "", kind::persistent);
  const auto second = hand.create(group_ + "/member_", member_json("b"), kind::sequential);
  EXPECT_EQ(first, second) << "the numbers begin anew";
  ASSERT_TRUE(becomes(source, "b "));
}

TEST_F(zookeeper_test, a_killed_server_takes_nobody_away_and_changes_are_seen_after_its_restart) {
  zookeeper_server server;
  std::string first;
  {
    zookeeper_hand hand(server.hosts());
    hand.create_all(group_);
    first = hand.create(group_ + "/member_", member_json("a"), kind::sequential);
    hand.create(group_ + "/member_", member_json("b"), kind::sequential);
  }
  const auto source = watch(settings(server.hosts()));
  ASSERT_TRUE(becomes(source, "a b "));
  server.kill();
  ASSERT_TRUE(becomes(source, "a b ", source_state::stale));
  EXPECT_THAT(source->current().why->what,
              HasSubstr("serverset " + group_ + ": zookeeper " + server.hosts() +
                        ": session: connection loss"));
  server.restart();
  ASSERT_TRUE(becomes(source, "a b "));
  zookeeper_hand hand(server.hosts());
  hand.create(group_ + "/member_", member_json("c"), kind::sequential);
  ASSERT_TRUE(becomes(source, "a b c "));
  hand.remove(first);
  ASSERT_TRUE(becomes(source, "b c "));
}

TEST_F(zookeeper_test, an_expired_session_is_followed_by_another_one) {
  zookeeper_hand hand(server_->hosts());
  hand.create_all(group_);
  hand.create(group_ + "/member_", member_json("a"), kind::sequential);
  tcp_gate gate(server_->port());
  auto with = settings(host(gate.port()));
  with.session_timeout = 500ms;
  with.unhealthy_max = 60s;
  const auto source = watch(with);
  ASSERT_TRUE(becomes(source, "a "));
  gate.close();
  std::this_thread::sleep_for(1500ms);  // longer than the session lives
  EXPECT_EQ(hosts_in(source->current()), "a ");
  hand.create(group_ + "/member_", member_json("b"), kind::sequential);
  gate.open();
  ASSERT_TRUE(becomes(source, "a b "));
  EXPECT_TRUE(has_been(zookeeper_state::expired));
}

TEST_F(zookeeper_test, several_ensembles_are_one_set_and_a_dead_one_keeps_its_part) {
  zookeeper_server other;
  zookeeper_hand here(server_->hosts());
  here.create_all(group_);
  here.create(group_ + "/member_", member_json("a"), kind::sequential);
  {
    zookeeper_hand there(other.hosts());
    there.create_all(group_);
    there.create(group_ + "/member_", member_json("b"), kind::sequential);
  }
  auto with = settings(server_->hosts());
  with.address.ensembles.push_back(other.hosts());
  const auto source = watch(with);
  ASSERT_TRUE(becomes(source, "a b "));
  other.kill();
  ASSERT_TRUE(in_time([&] { return report(other.hosts()).trouble.has_value(); }));
  here.create(group_ + "/member_", member_json("c"), kind::sequential);
  ASSERT_TRUE(becomes(source, "a b c "));
}

TEST_F(zookeeper_test, an_ensemble_that_is_not_there_is_said_to_be_missing) {
  auto with = settings(host(free_port()));
  with.session_timeout = 200ms;
  const auto source = watch(with);
  ASSERT_TRUE(in_time([&] { return source->current().why.has_value(); }));
  EXPECT_EQ(source->current().state, source_state::pending);
  EXPECT_THAT(source->current().why->what, HasSubstr("no server answers"));
}

TEST_F(zookeeper_test, a_source_can_be_stopped_and_its_executor_end_at_any_moment) {
  zookeeper_hand hand(server_->hosts());
  hand.create_all(group_);
  for (int i = 0; i < 50; ++i) hand.create(group_ + "/member_", member_json("a"), kind::sequential);
  const auto with = settings(server_->hosts());
  for (int i = 0; i < 40; ++i) {
    test_io io;
    const auto source = zookeeper_source(io.executor(), with);
    io.spawn(source->run());
    std::this_thread::sleep_for(std::chrono::milliseconds(i));
    const auto began = clock::now();
    if (i % 4 != 3) source->stop();  // else it ends with its executor
    EXPECT_LT(clock::now() - began, 500ms);
    io.stop();
  }
}

TEST_F(zookeeper_test, an_announcer_joins_and_leaves) {
  const auto source = watch(settings(server_->hosts()));
  auto with = announce_at(fmt::format("zk!{}!{}!7!http", server_->hosts(), group_), {"a", 80});
  ASSERT_TRUE(with);
  const auto announcer = announce_here(*with);
  const auto node = join(announcer);
  EXPECT_EQ(node, group_ + "/member_0000000000");
  EXPECT_EQ(
      zookeeper_hand(server_->hosts()).get(node),
      R"({"serviceEndpoint":{"host":"a","port":80},"additionalEndpoints":{"http":{"host":"a","port":80}},"status":"ALIVE","shard":7})");
  ASSERT_TRUE(becomes(source, "a "));
  ASSERT_TRUE(io_.await(announcer->leave(clock::now() + 20s)));
  EXPECT_EQ(announcer->status().state, announcer_state::left);
  EXPECT_THAT(zookeeper_hand(server_->hosts()).children(group_), IsEmpty());
  ASSERT_TRUE(becomes(source, ""));
}

TEST_F(zookeeper_test, an_announcer_that_stops_takes_its_node_along) {
  const auto announcer = announce_here(announcement(server_->hosts(), "a"));
  join(announcer);
  announcer->stop();
  zookeeper_hand hand(server_->hosts());
  EXPECT_TRUE(in_time([&] { return hand.children(group_).empty(); }));
}

TEST_F(zookeeper_test, an_announcer_joins_again_after_its_session_expired_and_is_one_member) {
  zookeeper_hand hand(server_->hosts());
  const auto source = watch(settings(server_->hosts()));
  tcp_gate gate(server_->port());
  auto with = announcement(host(gate.port()), "a");
  with.session_timeout = 500ms;
  const auto announcer = announce_here(with);
  const auto first = join(announcer);
  ASSERT_TRUE(becomes(source, "a "));
  gate.close();
  ASSERT_TRUE(in_time([&] { return hand.children(group_).empty(); }));
  gate.open();
  ASSERT_TRUE(in_time([&] { return announcer->status().joins == 2; }));
  const auto second = join(announcer);
  EXPECT_NE(second, first);
  EXPECT_THAT(hand.children(group_), ElementsAre(second.substr(second.rfind('/') + 1)));
  ASSERT_TRUE(becomes(source, "a "));
}

TEST_F(zookeeper_test, an_announcer_outlives_a_restart_of_the_server_as_one_member) {
  zookeeper_server server;
  auto with = announcement(server.hosts(), "a");
  with.session_timeout = 6s;
  const auto announcer = announce_here(with);
  const auto source = watch(settings(server.hosts()));
  join(announcer);
  ASSERT_TRUE(becomes(source, "a "));
  server.kill();
  server.restart();
  zookeeper_hand hand(server.hosts());
  // Joined in the same session, unless the restart took longer than that lives.
  ASSERT_TRUE(in_time([&] { return announcer->status().state == announcer_state::joined; }));
  EXPECT_EQ(hand.children(group_).size(), 1U);
  ASSERT_TRUE(becomes(source, "a "));
  ASSERT_TRUE(io_.await(announcer->leave(clock::now() + 20s)));
  EXPECT_THAT(hand.children(group_), IsEmpty());
}

TEST_F(zookeeper_test, an_announcer_whose_answer_was_lost_finds_its_node_and_makes_no_second) {
  zookeeper_hand hand(server_->hosts());
  hand.create_all(group_);
  hand.create(group_ + "/member_", member_json("b"), kind::ephemeral);
  tcp_gate gate(server_->port());
  gate.pass_only_the_first_answer(true);
  auto with = announcement(host(gate.port()), "a");
  with.session_timeout = 10s;
  const auto announcer = announce_here(with);
  ASSERT_TRUE(in_time([&] { return hand.children(group_).size() == 2; }));
  EXPECT_EQ(announcer->status().state, announcer_state::joining);
  gate.pass_only_the_first_answer(false);
  gate.close();
  ASSERT_TRUE(in_time([&] { return announcer->status().trouble.has_value(); }));
  gate.open();
  EXPECT_EQ(join(announcer), group_ + "/member_0000000001");
  EXPECT_EQ(hand.children(group_).size(), 2U);
}

TEST_F(zookeeper_test, an_announcer_whose_node_is_removed_by_hand_joins_again) {
  const auto announcer = announce_here(announcement(server_->hosts(), "a"));
  const auto node = join(announcer);
  zookeeper_hand hand(server_->hosts());
  hand.remove(node);
  ASSERT_TRUE(in_time([&] { return announcer->status().joins == 2; }));
  EXPECT_EQ(hand.children(group_).size(), 1U);
}

TEST_F(zookeeper_test, nodes_of_their_owner_are_read_with_credentials_only) {
  auto with = announcement(server_->hosts(), "a");
  with.is_open_to_all = false;
  EXPECT_FALSE(zookeeper_announcer::make(io_.executor(), with));
  with.auth = zookeeper_auth{.credentials = "team:secret"};
  // The parents that are there already are open to all.
  zookeeper_hand(server_->hosts()).create_all(group_.substr(0, group_.rfind('/')) + "_with_owner");
  group_ += "_with_owner/group";
  const auto announcer = announce_here(with);
  join(announcer);
  auto reader = settings(server_->hosts());
  reader.address.path = with.path;
  const auto stranger = watch(reader);
  ASSERT_TRUE(in_time([&] { return stranger->current().why.has_value(); }));
  EXPECT_THAT(stranger->current().why->what, HasSubstr("not authenticated"));
  reader.auth = with.auth;
  ASSERT_TRUE(becomes(watch(reader), "a "));
}

TEST_F(zookeeper_test, plain_threads_announce_and_watch) {
  waitstate::client::io_threads background;
  auto source = zookeeper_source(background.executor(), settings(server_->hosts()));
  background.run(source->run(), [source] { source->stop(); });
  auto joined = announce(background, announcement(server_->hosts(), "a"), clock::now() + 20s);
  ASSERT_TRUE(joined) << joined.error().what;
  ASSERT_TRUE(becomes(source, "a "));
  auto nowhere = announcement(host(free_port()), "a");
  const auto failed = announce(background, nowhere, clock::now() + 100ms);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().what, "join " + group_ + ": no server answers");
}

}  // namespace
}  // namespace waitstate::integration_test
