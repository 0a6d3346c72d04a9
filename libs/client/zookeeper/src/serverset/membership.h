#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "waitstate/client/core/clock.h"
#include "waitstate/client/zookeeper/zookeeper_announcer.h"
#include "zookeeper_backoff.h"
#include "zookeeper_session.h"

namespace waitstate::client {

/// What a membership wants done next.
struct membership_step {
  enum class kind : std::uint8_t {
    wait,           ///< Until `until`, or until something happens.
    open,           ///< Open a session.
    close,          ///< Close it, and say closed().
    end,            ///< It is over.
    create_member,  ///< These ask ZooKeeper; give replied() what it answers to each path.
    create_parent,
    exists,
    sync,
    list,
    read,
    remove,
  };
  kind what = kind::wait;
  std::vector<std::string> paths;
  time_point until = time_point::max();
};

/// Decides what an announcer does: joins a group when it can, stays a member, leaves when it shall.
///
/// It is a member at most once. While the answer to a request to join is missing there may be a
/// node that nobody knows of; so before it makes another, or leaves, it looks for nodes that its
/// session owns, keeps one and removes the others.
///
/// Pure: whoever has it does what next() says, one step after the other, and reports what came of
/// it. Events may come at any time between.
class membership {
 public:
  membership(std::string path, zookeeper_backoff backoff)
      : path_(std::move(path)), backoff_(std::move(backoff)) {}

  [[nodiscard]] membership_step next(time_point now);
  /// The answers to the last step's paths, in their order; `session` is the session's number.
  void replied(const std::vector<zookeeper_reply>& replies, std::int64_t session, time_point now);
  void closed(time_point now);
  void happened(zookeeper_event event, time_point now);
  /// The node is to be removed, and then it is over.
  void leave() { leaving_ = true; }
  /// It is over as soon as the session is closed.
  void stop() { stopped_ = true; }

  [[nodiscard]] const announcer_status& status() const { return status_; }
  /// Has the status been told anew since the last call?
  [[nodiscard]] bool take_news() { return std::exchange(has_news_, false); }

 private:
  enum class phase : std::uint8_t {
    no_session,
    idle,
    syncing,  // these three find a node whose making was not answered
    listing,
    reading,
    removing_surplus,
    creating,
    making_parents,
    checking,
    removing,
  };

  [[nodiscard]] membership_step begin(time_point now);
  [[nodiscard]] membership_step ask();
  void listed(const zookeeper_reply& reply, time_point now);
  void read(const std::vector<zookeeper_reply>& replies, std::int64_t session, time_point now);
  void go_on();
  void created(const zookeeper_reply& reply, time_point now);
  void parent_made(int code, time_point now);
  void checked(int code, time_point now);
  void removed(int code, time_point now);
  void try_later(int code, const std::string& action, time_point now);
  void trouble(error why, bool is_member);
  void notify(announcer_state state);

  std::string path_;
  zookeeper_backoff backoff_;
  announcer_status status_;
  bool has_news_ = false;

  phase phase_ = phase::no_session;
  bool leaving_ = false;
  bool stopped_ = false;
  bool is_connected_ = false;
  bool is_session_over_ = false;
  bool is_removal_ = false;   // what goes on is to leave, not to join
  bool is_sure_ = false;      // node_ is there, and watched
  bool may_own_one_ = false;  // an answer was lost
  int synced_ = 0;
  std::string node_;
  std::vector<std::string> found_;    // members to be read
  std::vector<std::string> surplus_;  // of those, ours but for one
  std::size_t parent_end_ = 0;
  time_point try_at_{};
};

}  // namespace waitstate::client
