#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "redis/redis_counts.h"
#include "redis/redis_link.h"

namespace waitstate::sidecar {

/// The connections of one route to its servers: a few that all clients share, for each database and
/// protocol that they use, and those that clients have for themselves.
///
/// Of one loop, and of its thread alone, which is the clusters' executor too.
class redis_links {
 public:
  struct settings {
    redis_link_settings link;          ///< `at` is set for each.
    std::size_t links_per_server = 1;  ///< Shared ones, for each database and protocol.
    /// A shared one that nobody used for so long goes back to the pool.
    client::duration idle_max = std::chrono::seconds(60);
    /// One that is older goes back to the pool, too, when nothing waits on it; 0: no limit.
    client::duration lifetime_max{0};
  };

  /// `reads` may be null: reads go where writes go. `counts` outlives this.
  redis_links(std::shared_ptr<client::cluster> writes, std::shared_ptr<client::cluster> reads,
              settings how, redis_counts& counts);
  ~redis_links();
  redis_links(const redis_links&) = delete;
  redis_links& operator=(const redis_links&) = delete;

  /// One that is shared, with the fewest requests waiting.
  [[nodiscard]] redis_link_ptr shared(bool is_read, const redis_place& at);
  /// One that is the caller's alone, until it is released or ended.
  [[nodiscard]] redis_link_ptr own(const redis_place& at);
  /// Would shared() give this one, or one that is as good?
  [[nodiscard]] bool is_for(const redis_link& link, bool is_read, const redis_place& at) const {
    return link.at() == at && link.of() == (is_read ? reads_ : writes_);
  }
  /// Why it takes no more: an error for the client; empty when it does.
  [[nodiscard]] static std::string why_full(const redis_link& link);
  /// The one that took over, if `link` has ended; null when none did.
  [[nodiscard]] static redis_link_ptr latest(redis_link_ptr link);
  /// Ends those that wait for too long, and lets idle ones go. A few times a second.
  void look(client::time_point now);
  /// Ends all.
  void stop();
  [[nodiscard]] bool is_empty() const {
    return shared_.empty() && own_.empty() && leaving_.empty();
  }

 private:
  struct group {
    client::cluster* of = nullptr;
    redis_place at;
    std::size_t wanted = 1;  // links
    std::vector<redis_link_ptr> links;
  };

  group& group_of(const std::shared_ptr<client::cluster>& of, const redis_place& at);
  redis_link_ptr make(const std::shared_ptr<client::cluster>& of, const redis_place& at,
                      bool is_own);
  void ended(redis_link& link, std::vector<redis_lost> lost, std::string_view error, bool is_own);
  void retire(group& of, const client::endpoint_set& servers, client::time_point now);
  void ended_own(redis_link& link, std::vector<redis_lost> lost, std::string_view error);
  void fail(const redis_lost& lost, std::string_view error,
            std::vector<std::shared_ptr<redis_waiter>>& told);
  [[nodiscard]] bool is_worth_another(const redis_link& link, const redis_lost& lost) const;

  const std::shared_ptr<client::cluster> writes_;
  std::shared_ptr<client::cluster> reads_;
  const settings settings_;
  redis_counts& counts_;
  std::vector<group> shared_;
  std::vector<std::weak_ptr<redis_link>> own_;
  std::vector<redis_link_ptr> leaving_;  // shared until now, and answering what was sent
  const std::shared_ptr<bool> is_there_ = std::make_shared<bool>(true);
  bool is_stopped_ = false;
};

}  // namespace waitstate::sidecar
