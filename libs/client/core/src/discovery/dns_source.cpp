#include "waitstate/client/core/dns_source.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "net/name_lookups.h"
#include "net/server_addresses.h"
#include "waitstate/client/core/random.h"
#include "waitstate/client/internal/one_shot.h"

namespace waitstate::client {
namespace {

constexpr duration lookup_time_max = std::chrono::seconds(30);
constexpr duration unknown_pause_max = std::chrono::seconds(5);

task<std::vector<endpoint>> ask_the_system(std::string host, std::uint16_t port) {
  const auto addresses =
      co_await name_lookups::look_up(name_lookups::of_the_system(), host,
                                     clock::now() + lookup_time_max, name_lookups::how_new::now);
  if (!addresses) co_return failure(addresses.error());
  std::vector<endpoint> found;
  found.reserve(addresses->size());
  for (const auto& address : *addresses) {
    found.push_back({.host = address.to_string(), .port = port});
  }
  co_return found;
}

class name_lookup final : public endpoint_source, public std::enable_shared_from_this<name_lookup> {
 public:
  name_lookup(asio::any_io_executor executor, dns_settings settings)
      : executor_(std::move(executor)),
        settings_(std::move(settings)),
        stopped_(std::make_shared<one_shot<bool>>(executor_)) {}

  asio::awaitable<void> run() override { return keep_asking(shared_from_this()); }
  void stop() override { stopped_->give(true); }

 private:
  static asio::awaitable<void> keep_asking(std::shared_ptr<name_lookup> self) {
    const auto random = system_random();
    auto pause = self->settings_.retry;
    for (;;) {
      if (co_await self->ask()) {
        self->is_known_ = true;
        const auto jitter = self->settings_.refresh / 10 * random_share(random);
        pause = self->settings_.retry;
        if (co_await self->is_stopped_within(self->settings_.refresh -
                                             std::chrono::duration_cast<duration>(jitter))) {
          co_return;
        }
        continue;
      }
      if (co_await self->is_stopped_within(pause)) co_return;
      const auto most = self->settings_.refresh;
      pause = std::min(pause * 2, self->is_known_ ? most : std::min(most, unknown_pause_max));
    }
  }

  asio::awaitable<bool> ask() {
    result<std::vector<endpoint>> found;
    if (settings_.resolve) {
      found = co_await settings_.resolve(settings_.host, settings_.port);
    } else {
      found = co_await ask_the_system(settings_.host, settings_.port);
    }
    if (found && found->empty()) {
      found = failure({.code = errc::name_not_found,
                       .what = fmt::format("resolve '{}': no address", settings_.host),
                       .hint = {}});
    }
    if (found && !settings_.each_address_is_a_server) {
      const auto name = std::ranges::find_if_not(
          *found, [](const auto& at) { return address_of(at).has_value(); });
      if (name != found->end()) found = failure(no_address(*name));
    }
    if (!found) {
      publish_failure(std::move(found).error());
      co_return false;
    }
    publish(servers_at(*std::move(found)));
    co_return true;
  }

  [[nodiscard]] error no_address(const endpoint& at) const {
    return {.code = errc::invalid_input,
            .what = fmt::format("resolve '{}': '{}' is no address", settings_.host, to_string(at)),
            .hint = {}};
  }

  std::vector<weighted_endpoint> servers_at(std::vector<endpoint> addresses) {
    std::vector<weighted_endpoint> servers;
    if (!settings_.each_address_is_a_server) {
      // The same ones in another order are no news.
      if (!std::ranges::is_permutation(addresses, last_)) last_ = std::move(addresses);
      servers.push_back({.at = {.host = settings_.host, .port = settings_.port},
                         .weight = 1,
                         .addresses = last_});
      return servers;
    }
    servers.reserve(addresses.size());
    for (auto& at : addresses) servers.push_back({.at = std::move(at)});
    return servers;
  }

  asio::awaitable<bool> is_stopped_within(duration time) {
    const auto said = co_await one_shot<bool>::take(stopped_, clock::now() + time);
    co_return said.has_value();
  }

  const asio::any_io_executor executor_;
  const dns_settings settings_;
  const std::shared_ptr<one_shot<bool>> stopped_;
  bool is_known_ = false;
  std::vector<endpoint> last_;
};

}  // namespace

std::shared_ptr<endpoint_source> dns_source(asio::any_io_executor executor, dns_settings settings) {
  return std::make_shared<name_lookup>(std::move(executor), std::move(settings));
}

}  // namespace waitstate::client
