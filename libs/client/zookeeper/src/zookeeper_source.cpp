#include "waitstate/client/zookeeper/zookeeper_source.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>

#include "zookeeper_ensemble.h"
#include "zookeeper_wakeup.h"

namespace waitstate::client {
namespace {

class zookeeper_members final : public endpoint_source,
                                public std::enable_shared_from_this<zookeeper_members> {
 public:
  static std::shared_ptr<zookeeper_members> make(asio::any_io_executor executor,
                                                 const zookeeper_settings& settings) {
    auto made = std::make_shared<zookeeper_members>(asio::make_strand(executor), settings);
    const std::weak_ptr<zookeeper_members> weak = made;
    for (const auto& hosts : settings.address.ensembles) {
      made->ensembles_.push_back(
          std::make_shared<zookeeper_ensemble>(made->turn_, settings, hosts, [weak] {
            if (const auto self = weak.lock()) self->unite();
          }));
    }
    return made;
  }

  zookeeper_members(zookeeper_session::turn turn, const zookeeper_settings& settings)
      : path_(settings.address.path), turn_(turn), ended_(std::move(turn)) {}

  asio::awaitable<void> run() override { return spawned_in_turn(shared_from_this()); }

  void stop() override {
    for (const auto& ensemble : ensembles_) ensemble->stop();
  }

 private:
  static asio::awaitable<void> spawned_in_turn(std::shared_ptr<zookeeper_members> self) {
    co_await asio::co_spawn(self->turn_, run_all(self), asio::use_awaitable);
  }

  static asio::awaitable<void> run_all(std::shared_ptr<zookeeper_members> self) {
    self->running_ = self->ensembles_.size();
    for (const auto& ensemble : self->ensembles_) {
      asio::co_spawn(self->turn_, run_one(self, ensemble), asio::detached);
    }
    while (self->running_ > 0) co_await self->ended_.wait_until(time_point::max());
  }

  static asio::awaitable<void> run_one(std::shared_ptr<zookeeper_members> self,
                                       std::shared_ptr<zookeeper_ensemble> ensemble) {
    co_await zookeeper_ensemble::run(ensemble);
    --self->running_;
    self->ended_.poke();
  }

  /// What all ensembles say together; told when it is news.
  void unite() {
    std::map<endpoint, double> all;
    std::vector<const serverset_stabilizer*> known;
    const serverset_stabilizer* unknown = nullptr;
    for (const auto& ensemble : ensembles_) {
      const auto& set = ensemble->set();
      if (!set.is_known()) {
        // One that says why there is nothing is worth more.
        if (unknown == nullptr || !unknown->trouble()) unknown = &set;
        continue;
      }
      known.push_back(&set);
      for (auto& server : set.endpoints()) all.try_emplace(std::move(server.at), server.weight);
    }
    if (known.empty() || (all.empty() && unknown != nullptr)) {
      if (unknown->trouble()) fail(*unknown->trouble());
      return;
    }
    std::vector<weighted_endpoint> list;
    list.reserve(all.size());
    for (const auto& [at, weight] : all) list.push_back({.at = at, .weight = weight});
    const bool is_stale = std::ranges::all_of(known, &serverset_stabilizer::is_stale);
    if (!is_stale || current().generation == 0 || current().endpoints != list) {
      failed_.clear();
      const bool is_unwell =
          std::ranges::all_of(known, [](const auto* set) { return set->trouble().has_value(); });
      publish(std::move(list),
              is_unwell ? std::optional(in_context(*known.front()->trouble())) : std::nullopt);
    }
    if (is_stale) fail(*known.front()->trouble());
  }

  void fail(const error& why) {
    if (failed_ == why.what) return;
    failed_ = why.what;
    publish_failure(in_context(why));
  }

  [[nodiscard]] error in_context(const error& why) const {
    return in_step("serverset " + path_, why);
  }

  const std::string path_;
  const zookeeper_session::turn turn_;
  std::vector<std::shared_ptr<zookeeper_ensemble>> ensembles_;
  zookeeper_wakeup ended_;
  std::size_t running_ = 0;
  std::string failed_;  // the reason that was told last
};

}  // namespace

std::string_view to_string(zookeeper_state s) {
  switch (s) {
    case zookeeper_state::connecting: return "connecting";
    case zookeeper_state::connected: return "connected";
    case zookeeper_state::expired: return "expired";
    case zookeeper_state::auth_failed: return "authentication failed";
  }
  assert(false && "unknown state");
  return {};
}

std::shared_ptr<endpoint_source> zookeeper_source(asio::any_io_executor executor,
                                                  zookeeper_settings settings) {
  return zookeeper_members::make(std::move(executor), settings);
}

}  // namespace waitstate::client
