#include "serverset/membership.h"

#include <zookeeper/zookeeper.h>

#include <map>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
using event = zookeeper_event::kind;
using step = membership_step::kind;

constexpr std::int64_t our_session = 7;

/// A membership of /a/b, and a ZooKeeper of one map that does what it wants done.
class membership_test : public testing::Test {
 protected:
  void happens(event what, const std::string& path = {}) {
    of_.happened({.what = what, .path = path, .why = {}}, now_);
  }

  /// Takes steps until it waits or ends; their names: "open create exists wait".
  std::string steps() {
    std::string all;
    for (;;) {
      const auto next = of_.next(now_);
      all += (all.empty() ? "" : " ") + name(next);
      if (next.what == step::wait) until_ = next.until;
      if (next.what == step::wait || next.what == step::end) return all;
      take(next);
    }
  }

  /// Opens a session, and connects.
  void connect() {
    EXPECT_EQ(steps(), "open wait");
    happens(event::connected);
  }

  std::string join() {
    connect();
    EXPECT_EQ(steps(), "create exists wait");
    EXPECT_EQ(of_.status().state, announcer_state::joined);
    return of_.status().node;
  }

  void later(duration by) { now_ += by; }

  std::map<std::string, std::int64_t> nodes_{{"/a", 0}, {"/a/b", 0}};  // and who owns them
  std::map<step, int> fails_;             // answered once with this code
  bool is_lost_ = false;                  // the next node is made, and that is not answered
  std::optional<std::string> says_made_;  // in place of the next node's path
  membership of_{"/a/b", zookeeper_backoff(1s, 1s, [] { return std::uint64_t{0}; })};
  time_point now_{1h};
  time_point until_{};

 private:
  static std::string name(const membership_step& s) {
    switch (s.what) {
      case step::wait: return "wait";
      case step::open: return "open";
      case step::close: return "close";
      case step::end: return "end";
      case step::create_member: return "create";
      case step::create_parent: return "make:" + s.paths.at(0);
      case step::exists: return "exists";
      case step::sync: return "sync";
      case step::list: return "list";
      case step::read: return "read:" + std::to_string(s.paths.size());
      case step::remove: return "remove:" + std::to_string(s.paths.size());
    }
    return {};
  }

  void take(const membership_step& next) {
    if (next.what == step::open) return;
    if (next.what == step::close) {
      std::erase_if(nodes_, [](const auto& node) { return node.second == our_session; });
      return of_.closed(now_);
    }
    std::vector<zookeeper_reply> replies;
    for (const auto& path : next.paths) replies.push_back(answer_to(next.what, path));
    of_.replied(replies, our_session, now_);
  }

  zookeeper_reply answer_to(step what, const std::string& path) {
    if (const auto code = fails_.extract(what)) return {.code = code.mapped()};
    const bool is_there = nodes_.contains(path);
    switch (what) {
      case step::create_member: {
        if (!nodes_.contains("/a/b")) return {.code = ZNONODE};
        auto made = path + std::to_string(++last_);
        nodes_[made] = our_session;
        if (std::exchange(is_lost_, false)) return {.code = ZCONNECTIONLOSS};
        return {.text = std::exchange(says_made_, std::nullopt).value_or(made)};
      }
      case step::create_parent: nodes_[path] = 0; return {.code = is_there ? ZNODEEXISTS : ZOK};
      case step::exists: return {.code = is_there ? ZOK : ZNONODE};
      case step::list: {
        zookeeper_reply listed;
        for (const auto& [at, owner] : nodes_) {
          if (at.starts_with("/a/b/")) listed.children.push_back(at.substr(5));
        }
        return listed;
      }
      case step::read: return {.code = is_there ? ZOK : ZNONODE, .owner = nodes_[path]};
      case step::remove: return {.code = nodes_.erase(path) == 1 ? ZOK : ZNONODE};
      default: return {};
    }
  }

  int last_ = 0;
};

TEST_F(membership_test, joins_once_it_is_connected_and_then_waits_for_ever) {
  EXPECT_EQ(steps(), "open wait");
  EXPECT_EQ(until_, time_point::max());
  happens(event::connected);
  EXPECT_EQ(steps(), "create exists wait");
  EXPECT_EQ(until_, time_point::max());
  EXPECT_EQ(of_.status().node, "/a/b/member_1");
  EXPECT_EQ(of_.status().joins, 1U);
  EXPECT_TRUE(of_.take_news());
  EXPECT_FALSE(of_.take_news());
}

TEST_F(membership_test, makes_the_group_and_its_parents_when_they_are_not_there) {
  nodes_.clear();
  connect();
  EXPECT_EQ(steps(), "create make:/a make:/a/b create exists wait");
  EXPECT_EQ(of_.status().state, announcer_state::joined);
}

TEST_F(membership_test, may_lack_the_right_to_make_the_upper_parents) {
  nodes_ = {{"/a", 0}};
  fails_[step::create_parent] = ZNOAUTH;
  connect();
  EXPECT_EQ(steps(), "create make:/a make:/a/b create exists wait");
}

TEST_F(membership_test, adopts_the_node_whose_making_was_not_answered) {
  nodes_["/a/b/member_0"] = 5;  // somebody else's
  is_lost_ = true;
  connect();
  EXPECT_EQ(steps(), "create wait");
  EXPECT_EQ(until_, now_ + 1s) << "a moment later";
  EXPECT_EQ(of_.status().state, announcer_state::joining);
  later(1s);
  EXPECT_EQ(steps(), "sync list read:2 exists wait");
  EXPECT_EQ(of_.status().node, "/a/b/member_1");
  EXPECT_EQ(nodes_.size(), 4U) << "no other was made";
}

TEST_F(membership_test, makes_another_when_the_lost_request_made_none) {
  fails_[step::create_member] = ZCONNECTIONLOSS;
  connect();
  EXPECT_EQ(steps(), "create wait");
  later(1s);
  EXPECT_EQ(steps(), "sync list create exists wait");
}

TEST_F(membership_test, keeps_one_of_several_that_it_owns) {
  is_lost_ = true;
  connect();
  EXPECT_EQ(steps(), "create wait");
  nodes_["/a/b/member_9"] = our_session;
  later(1s);
  EXPECT_EQ(steps(), "sync list read:2 remove:1 exists wait");
  EXPECT_EQ(of_.status().node, "/a/b/member_9");
  EXPECT_FALSE(nodes_.contains("/a/b/member_1"));
}

TEST_F(membership_test, looks_for_nothing_after_a_refusal) {
  fails_[step::create_member] = ZNOAUTH;
  connect();
  EXPECT_EQ(steps(), "create wait");
  ASSERT_TRUE(of_.status().trouble);
  later(1s);
  EXPECT_EQ(steps(), "create exists wait");
  EXPECT_FALSE(of_.status().trouble);
}

TEST_F(membership_test, asks_again_later_where_zookeeper_could_not_be_asked) {
  for (const auto failing : {step::sync, step::list, step::read}) {
    of_ = membership("/a/b", zookeeper_backoff(1s, 1s, [] { return std::uint64_t{0}; }));
    is_lost_ = true;
    connect();
    EXPECT_EQ(steps(), "create wait");
    fails_[failing] = ZOPERATIONTIMEOUT;
    later(1s);
    (void)steps();
    EXPECT_EQ(of_.status().state, announcer_state::joining);
    later(1s);
    EXPECT_TRUE(steps().starts_with("sync list read:")) << "it may still own one";
    EXPECT_EQ(of_.status().state, announcer_state::joined);
  }
}

TEST_F(membership_test, takes_no_path_of_the_server_for_its_own_that_is_no_members) {
  says_made_ = "/zookeeper";
  connect();
  EXPECT_EQ(steps(), "create wait");
  EXPECT_EQ(of_.status().trouble->code, errc::corrupt);
  later(1s);
  EXPECT_EQ(steps(), "sync list read:1 exists wait");
  EXPECT_EQ(of_.status().node, "/a/b/member_1");
}

TEST_F(membership_test, joins_again_when_its_session_has_expired) {
  join();
  happens(event::expired);
  EXPECT_EQ(of_.status().state, announcer_state::joining);
  EXPECT_EQ(steps(), "close wait");
  EXPECT_EQ(until_, now_ + 1s);
  later(1s);
  connect();
  EXPECT_EQ(steps(), "create exists wait");
  EXPECT_EQ(of_.status().joins, 2U);
}

TEST_F(membership_test, joins_again_when_somebody_removes_its_node) {
  const auto node = join();
  happens(event::deleted, "/a/b/member_99");
  EXPECT_EQ(of_.status().state, announcer_state::joined) << "another's";
  nodes_.erase(node);
  happens(event::deleted, node);
  EXPECT_EQ(of_.status().trouble->what, node + " was removed by somebody else");
  EXPECT_EQ(steps(), "wait");
  later(1s);
  EXPECT_EQ(steps(), "create exists wait");
  EXPECT_EQ(of_.status().joins, 2U);
}

TEST_F(membership_test, stays_a_member_while_the_connection_is_lost) {
  join();
  happens(event::connecting);
  EXPECT_EQ(of_.status().state, announcer_state::joined);
  EXPECT_TRUE(of_.status().trouble);
  EXPECT_EQ(steps(), "wait");
  happens(event::connected);
  EXPECT_FALSE(of_.status().trouble);
  EXPECT_EQ(of_.status().joins, 1U);
}

TEST_F(membership_test, leaves_by_removing_its_node) {
  const auto node = join();
  of_.leave();
  happens(event::deleted, node);  // our own doing, seen early
  EXPECT_EQ(steps(), "remove:1 close end");
  EXPECT_EQ(of_.status().state, announcer_state::left);
  EXPECT_FALSE(nodes_.contains(node));
}

TEST_F(membership_test, leaves_only_after_it_looked_for_what_it_may_own) {
  is_lost_ = true;
  connect();
  EXPECT_EQ(steps(), "create wait");
  of_.leave();
  later(1s);
  EXPECT_EQ(steps(), "sync list read:1 remove:1 close end");
  EXPECT_EQ(nodes_.size(), 2U);
}

TEST_F(membership_test, waits_for_the_connection_to_leave) {
  join();
  happens(event::connecting);
  of_.leave();
  EXPECT_EQ(steps(), "wait");
  happens(event::connected);
  EXPECT_EQ(steps(), "remove:1 close end");
}

TEST_F(membership_test, has_nothing_to_leave_before_it_began) {
  of_.leave();
  EXPECT_EQ(steps(), "end");
}

TEST_F(membership_test, ends_with_the_session_when_it_is_stopped) {
  join();
  of_.stop();
  EXPECT_EQ(steps(), "close end");
}

}  // namespace
}  // namespace waitstate::client
