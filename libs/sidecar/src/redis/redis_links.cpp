#include "redis/redis_links.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "redis/redis_dialogue.h"

namespace waitstate::sidecar {

using client::cluster;

namespace {

// What may wait on one shared connection, of all clients.
constexpr std::size_t bytes_max = std::size_t{256} << 20;
constexpr std::size_t requests_max = 1'000'000;

}  // namespace

redis_links::redis_links(std::shared_ptr<cluster> writes, std::shared_ptr<cluster> reads,
                         settings how, redis_counts& counts)
    : writes_(std::move(writes)),
      reads_(std::move(reads)),
      settings_(std::move(how)),
      counts_(counts) {
  if (!reads_) reads_ = writes_;
}

redis_links::~redis_links() {
  stop();
  *is_there_ = false;
}

redis_links::group& redis_links::group_of(const std::shared_ptr<cluster>& of,
                                          const redis_place& at) {
  const auto found =
      std::ranges::find_if(shared_, [&](const group& g) { return g.of == of.get() && g.at == at; });
  if (found != shared_.end()) return *found;
  const auto servers = std::max<std::size_t>(1, of->endpoints().endpoints.size());
  return shared_.emplace_back(
      group{.of = of.get(), .at = at, .wanted = servers * settings_.links_per_server, .links = {}});
}

redis_link_ptr redis_links::make(const std::shared_ptr<cluster>& of, const redis_place& at,
                                 bool is_own) {
  auto how = settings_.link;
  how.at = at;
  auto made = std::make_shared<redis_link>(
      of, std::move(how),
      [this, is_there = is_there_, is_own](redis_link& link, std::vector<redis_lost> lost,
                                           std::string_view error) {
        if (*is_there) ended(link, std::move(lost), error, is_own);
      });
  ++counts_.links;
  made->start();
  return made;
}

redis_link_ptr redis_links::shared(bool is_read, const redis_place& at) {
  const auto& of = is_read ? reads_ : writes_;
  auto& links = group_of(of, at);
  std::erase_if(links.links, [](const auto& link) { return !link->is_usable(); });
  const auto least = std::ranges::min_element(links.links, {}, [](const redis_link_ptr& link) {
    return std::pair(!link->is_ready(), link->waiting());
  });
  const bool is_enough = least != links.links.end() &&
                         ((*least)->waiting() == 0 || links.links.size() >= links.wanted);
  if (is_enough) return *least;
  auto ready = least != links.links.end() && (*least)->is_ready() ? *least : nullptr;
  auto made = make(of, at, false);
  links.links.push_back(made);
  return ready ? ready : made;
}

redis_link_ptr redis_links::own(const redis_place& at) {
  ++counts_.pins;
  auto made = make(writes_, at, true);
  own_.push_back(made);
  return made;
}

redis_link_ptr redis_links::latest(redis_link_ptr link) {
  while (link && !link->is_usable()) link = link->successor;
  return link;
}

std::string redis_links::why_full(const redis_link& link) {
  if (link.waiting() < requests_max && link.waiting_bytes() < bytes_max) return {};
  return redis_error(fmt::format("overloaded: {} requests of {} bytes wait for {}", link.waiting(),
                                 link.waiting_bytes(), link.server()));
}

bool redis_links::is_worth_another(const redis_link& link, const redis_lost& lost) const {
  // One that never connected has tried for as long as that is worth.
  return !is_stopped_ && !link.is_dropped() && link.was_connected() && may_send_again(lost) &&
         link.last_used - lost.what.since < settings_.link.call_time_max;
}

void redis_links::fail(const redis_lost& lost, std::string_view error,
                       std::vector<std::shared_ptr<redis_waiter>>& told) {
  ++counts_.failed;
  const auto& what = lost.what;
  if (what.who->on_lost(what.number, lost.is_begun, error)) told.push_back(what.who);
}

void redis_links::ended(redis_link& link, std::vector<redis_lost> lost, std::string_view error,
                        bool is_own) {
  if (!lost.empty() && link.was_connected() && !link.is_dropped()) ++counts_.links_lost;
  if (is_own) return ended_own(link, std::move(lost), error);
  std::vector<std::shared_ptr<redis_waiter>> told;
  for (auto& one : lost) {
    if (!is_worth_another(link, one)) {
      fail(one, error, told);
      continue;
    }
    if (!link.successor) link.successor = shared(link.of() != writes_, link.at());
    ++one.what.tries;
    ++counts_.retried;
    link.successor->send(std::move(one.what), one.bytes);
  }
  for (const auto& who : told) who->flush();
}

void redis_links::ended_own(redis_link& link, std::vector<redis_lost> lost,
                            std::string_view error) {
  // What it was told before is forgotten with it.
  const bool is_whole =
      link.answered() == 0 && !lost.empty() &&
      std::ranges::all_of(lost, [&](const redis_lost& one) { return is_worth_another(link, one); });
  if (is_whole) {
    link.successor = make(link.of(), link.at(), true);
    own_.push_back(link.successor);
    link.successor->belongs_to(link.owner());
    link.belongs_to(nullptr);
    for (auto& one : lost) {
      ++one.what.tries;
      ++counts_.retried;
      link.successor->send(std::move(one.what), one.bytes);
    }
    return;
  }
  // They flush once they know that their own connection is gone, too.
  std::vector<std::shared_ptr<redis_waiter>> told;
  for (const auto& one : lost) fail(one, error, told);
  for (const auto& who : told) link.flush_later(who);
}

void redis_links::retire(group& of, const client::endpoint_set& servers, client::time_point now) {
  std::erase_if(of.links, [&](const redis_link_ptr& link) {
    if (!link->is_usable()) return true;
    const bool is_idle = link->waiting() == 0 && now - link->last_used > settings_.idle_max;
    const bool is_old =
        settings_.lifetime_max.count() > 0 && now - link->began() > settings_.lifetime_max;
    // It was taken out, or the service is elsewhere now.
    const bool is_elsewhere =
        link->was_connected() &&
        std::ranges::find(servers.endpoints, link->to(), &client::weighted_endpoint::at) ==
            servers.endpoints.end();
    const bool is_leaving = is_idle || is_old || is_elsewhere;
    if (is_leaving) leaving_.push_back(link);
    return is_leaving;
  });
}

void redis_links::look(client::time_point now) {
  std::vector<redis_link_ptr> all;
  for (auto& links : shared_) {
    const auto servers = (links.of == writes_.get() ? writes_ : reads_)->endpoints();
    retire(links, servers, now);
    links.wanted = std::max<std::size_t>(1, servers.endpoints.size()) * settings_.links_per_server;
    all.insert(all.end(), links.links.begin(), links.links.end());
  }
  std::erase_if(shared_, [](const group& g) { return g.links.empty(); });
  for (const auto& link : leaving_) {
    if (link->waiting() == 0) link->release();
  }
  std::erase_if(leaving_, [](const auto& link) { return !link->is_usable(); });
  all.insert(all.end(), leaving_.begin(), leaving_.end());
  std::erase_if(own_, [](const auto& link) { return link.expired(); });
  for (const auto& held : own_) {
    if (auto link = held.lock()) all.push_back(std::move(link));
  }
  // They may make others.
  for (const auto& link : all) link->look(now);
}

void redis_links::stop() {
  is_stopped_ = true;
  const auto why = redis_error("this proxy is being stopped");
  auto all = leaving_;
  for (const auto& links : shared_) {
    all.insert(all.end(), links.links.begin(), links.links.end());
  }
  for (const auto& held : own_) {
    if (auto link = held.lock()) all.push_back(std::move(link));
  }
  for (const auto& link : all) link->end(why);
}

}  // namespace waitstate::sidecar
