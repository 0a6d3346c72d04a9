#include "waitstate/sidecar/sidecar.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "front/inherited_sockets.h"
#include "front/listeners.h"
#include "front/loop.h"
#include "waitstate/base/words.h"

namespace waitstate::sidecar {

struct sidecar::state {
  state(config c, inherited_sockets from_manager, handed_sockets handed_over, const teller& tell)
      : now(std::move(c)), sockets(std::move(from_manager), std::move(handed_over), now.threads) {
    for (std::uint32_t i = 0; i < now.threads; ++i) loops.push_back(std::make_unique<loop>(tell));
  }

  /// Routes that are not, word for word, among those that run.
  [[nodiscard]] std::vector<route> changed_in(const config& c) const {
    std::vector<route> changed;
    for (const auto& r : c.routes) {
      if (std::ranges::find(running, r) == running.end()) changed.push_back(r);
    }
    return changed;
  }

  result<> apply(const config& c);

  std::mutex lock;
  config now;
  std::vector<route> running;
  listeners sockets;
  std::vector<std::unique_ptr<loop>> loops;
};

namespace {

/// A route that is ready in one loop, with what it will accept on.
struct ready_route {
  std::size_t in;
  std::shared_ptr<running_route> what;
  std::vector<fd> fronts;
};

/// Figures of the same name and label become one.
void add_figures(std::vector<route_figure>& to, const std::vector<route_figure>& from) {
  for (const auto& one : from) {
    const auto same = std::ranges::find_if(to, [&](const auto& other) {
      return other.name == one.name && other.label == one.label && other.value == one.value;
    });
    if (same == to.end()) {
      to.push_back(one);
    } else {
      same->count += one.count;
    }
  }
}

void add(route_status& to, route_status from) {
  to.accepted += from.accepted;
  to.refused += from.refused;
  to.clients.insert(to.clients.end(), from.clients.begin(), from.clients.end());
  add_figures(to.figures, from.figures);
  std::ranges::move(from.servers, std::back_inserter(to.servers));
  std::ranges::move(from.leases, std::back_inserter(to.leases));
}

}  // namespace

/// First everything that can fail, then everything that cannot.
result<> sidecar::state::apply(const config& c) {
  const auto changed = changed_in(c);
  std::vector<log_file> logs;
  for (std::size_t i = 0; i < loops.size(); ++i) {
    auto log = log_file::open(c.access_log);
    if (!log) return failure(std::move(log).error());
    logs.push_back(*std::move(log));
  }
  if (auto opened = sockets.open(changed); !opened) return opened;
  std::vector<ready_route> ready;
  const auto give_up = [&](error why) {
    for (auto& one : ready) {
      loops[one.in]->run_there([&] {
        one.what->stop();
        one.what.reset();
        return true;
      });
    }
    sockets.close_all_but(running);
    return failure(std::move(why));
  };
  for (std::size_t i = 0; i < loops.size(); ++i) {
    for (const auto& r : changed) {
      auto made = loops[i]->run_there([&] { return loops[i]->prepare(r); });
      if (!made) return give_up(std::move(made).error());
      ready.push_back({.in = i, .what = *std::move(made), .fronts = {}});
      auto fronts = sockets.of(r, i);
      if (!fronts) return give_up(std::move(fronts).error());
      ready.back().fronts = *std::move(fronts);
    }
  }
  for (const auto& before : running) {
    const bool is_gone = std::ranges::find(c.routes, before.name, &route::name) == c.routes.end();
    if (!is_gone) continue;
    for (const auto& l : loops) {
      l->run_there([&] {
        l->drain(before.name);
        return true;
      });
    }
  }
  for (auto& one : ready) {
    loops[one.in]->run_there([&] {
      loops[one.in]->install(std::move(one.what), std::move(one.fronts));
      return true;
    });
  }
  for (std::size_t i = 0; i < loops.size(); ++i) {
    loops[i]->run_there([&] {
      loops[i]->log_to(std::move(logs[i]));
      return true;
    });
  }
  running = c.routes;
  sockets.close_all_but(running);
  now = c;
  return {};
}

sidecar::sidecar(std::unique_ptr<state> made) : state_(std::move(made)) {}
sidecar::~sidecar() = default;

result<std::unique_ptr<sidecar>> sidecar::start(const config& c, const teller& tell,
                                                handed_sockets handed_over) {
  auto from_manager = inherited_sockets::take();
  if (!from_manager) return failure(std::move(from_manager).error());
  auto made = std::make_unique<state>(c, *std::move(from_manager), std::move(handed_over), tell);
  if (auto applied = made->apply(c); !applied) return failure(std::move(applied).error());
  return std::unique_ptr<sidecar>(new sidecar(std::move(made)));
}

result<> sidecar::reload(config c) {
  const std::scoped_lock one_at_a_time(state_->lock);
  if (c.threads != state_->now.threads) {
    return failure({.code = errc::unsupported,
                    .what = fmt::format("threads = {}: there are {}, and that cannot change",
                                        c.threads, state_->now.threads),
                    .hint = "systemctl restart waitstate-sidecar"});
  }
  return state_->apply(c);
}

result<handed_sockets> sidecar::hand_over() const {
  const std::scoped_lock one_at_a_time(state_->lock);
  return state_->sockets.hand_over();
}

void sidecar::drain(bool is_replaced) {
  const std::scoped_lock one_at_a_time(state_->lock);
  if (!is_replaced) state_->sockets.take_no_more();
  for (const auto& l : state_->loops) {
    l->run_there([&] {
      l->drain_all();
      return true;
    });
  }
  state_->running.clear();
  if (is_replaced) state_->sockets.forget_paths();
  state_->sockets.close_all_but({});
}

std::size_t sidecar::draining_clients() const {
  std::size_t all = 0;
  for (const auto& l : state_->loops) {
    all += l->run_there([&] { return l->draining_clients(); });
  }
  return all;
}

config sidecar::running() const {
  const std::scoped_lock one_at_a_time(state_->lock);
  return state_->now;
}

result<> sidecar::steer(const std::string& name, const client::endpoint& server,
                        server_order order) {
  bool is_known = false;
  for (const auto& l : state_->loops) {
    l->run_there([&] {
      for (const auto& one : l->routes()) {
        if (one->of().name != name || one->is_draining()) continue;
        is_known = true;
        if (order == server_order::ready) {
          one->put_back(server);
        } else {
          one->take_out(server, order == server_order::kill);
        }
      }
      return true;
    });
  }
  if (is_known) return {};
  return failure({.code = errc::not_found,
                  .what = fmt::format("there is no route '{}'", quotable(name)),
                  .hint = "waitstate sidecar ctl routes"});
}

std::vector<route_status> sidecar::status() const {
  std::vector<route_status> all;
  for (const auto& l : state_->loops) {
    auto here = l->run_there([&] {
      std::vector<route_status> routes;
      for (const auto& one : l->routes()) {
        one->learn_reasons();
        routes.push_back(one->status());
      }
      return routes;
    });
    for (auto& one : here) {
      const auto same = std::ranges::find_if(all, [&](const auto& other) {
        return other.of == one.of && other.is_draining == one.is_draining;
      });
      if (same == all.end()) {
        all.push_back(std::move(one));
      } else {
        add(*same, std::move(one));
      }
    }
  }
  return all;
}

}  // namespace waitstate::sidecar
