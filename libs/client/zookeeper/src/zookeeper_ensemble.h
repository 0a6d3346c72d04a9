#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "serverset/serverset.h"
#include "serverset/serverset_stabilizer.h"
#include "waitstate/client/zookeeper/zookeeper_source.h"
#include "zookeeper_backoff.h"
#include "zookeeper_session.h"
#include "zookeeper_wakeup.h"

namespace waitstate::client {

/// What one ensemble says of the ServerSet: sessions one after the other, the list of children read
/// when it changes, members once, vectors when they change.
///
/// In its strand, except stop().
class zookeeper_ensemble : public std::enable_shared_from_this<zookeeper_ensemble> {
 public:
  /// `changed` is called in the strand whenever set() may be another.
  zookeeper_ensemble(zookeeper_session::turn turn, const zookeeper_settings& settings,
                     std::string hosts, std::function<void()> changed);

  /// Until stop(); ends when the session is closed.
  static asio::awaitable<void> run(std::shared_ptr<zookeeper_ensemble> self);
  /// From any thread: ends the session at once, and run() soon.
  void stop();

  [[nodiscard]] const serverset_stabilizer& set() const { return set_; }

 private:
  using self_ptr = std::shared_ptr<zookeeper_ensemble>;
  /// Names of nodes that are asked for, with the replies to come.
  using asked = std::vector<std::pair<std::string, zookeeper_session::pending>>;

  static asio::awaitable<void> serve(self_ptr self);
  static asio::awaitable<void> read(self_ptr self);
  static asio::awaitable<void> read_members(self_ptr self, asked members);
  static asio::awaitable<void> read_vectors(self_ptr self, asked vectors);
  static asio::awaitable<void> close_session(self_ptr self);

  bool open_session();
  void on(zookeeper_event event);
  void forget_others(const std::vector<std::string>& names);
  asked ask_for_members(const std::vector<std::string>& names);
  asked ask_for_vectors(const std::vector<std::string>& names);
  void use_what_is_known();
  void is_in_trouble(error why);
  void read_again_after(duration pause);
  void notify();
  [[nodiscard]] bool is_stopped();
  [[nodiscard]] time_point reply_deadline() const;
  [[nodiscard]] std::string path_of(const std::string& name) const;

  const zookeeper_session::turn turn_;
  const zookeeper_settings settings_;
  const std::string hosts_;
  const std::function<void()> changed_;
  random_source random_;
  zookeeper_backoff session_backoff_;
  zookeeper_backoff read_backoff_;
  zookeeper_wakeup wakeup_;
  serverset_stabilizer set_;

  std::mutex lock_;
  std::shared_ptr<zookeeper_session> session_;  // with lock_
  bool stopped_ = false;                        // with lock_

  zookeeper_report report_;
  bool is_told_ = false;
  bool is_session_over_ = false;
  bool is_due_ = false;  // to be read
  time_point read_at_ = time_point::max();
  time_point connect_by_ = time_point::max();

  std::int64_t made_ = 0;  // the path's node; another one has other members by the same names
  std::map<std::string, std::optional<serverset_member>> members_;  // nothing: corrupt
  std::map<std::string, serverset_vector> vectors_;
  std::set<std::string> old_vectors_;  // those to be read again
  std::size_t unread_ = 0;
  std::size_t too_many_ = 0;
};

}  // namespace waitstate::client
