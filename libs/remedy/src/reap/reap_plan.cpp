#include "waitstate/remedy/reap_plan.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "reap/eligibility.h"
#include "waitstate/snapshot/socket_group.h"

namespace waitstate::remedy {
namespace {

struct reason_row {
  left_alone why;
  std::string_view id;
  std::string_view text;
};

constexpr std::array reasons{
    reason_row{left_alone::listens, "listens", "they listen: closing one would end its service"},
    reason_row{left_alone::only_bound, "only-bound",
               "they are bound and not connected: their program may still need the port"},
    reason_row{left_alone::never_accepted, "never-accepted",
               "they wait to be accepted: closed, they would still fill the backlog and accept() "
               "would still return them; make the program accept, or restart it"},
    reason_row{left_alone::may_be_in_use, "may-be-in-use",
               "they may be in use: --even-established takes these, too"},
    reason_row{left_alone::time_wait, "time-wait",
               "they are in TIME-WAIT and hold no descriptor: --free-ports gives back the ports of "
               "those whose reuse is safe"},
    reason_row{left_alone::time_wait_accepted, "time-wait-accepted",
               "they are TIME-WAIT of connections that were accepted: these block no port"},
    reason_row{left_alone::time_wait_unsafe, "time-wait-unsafe",
               "they are TIME-WAIT without TCP time stamps (net.ipv4.tcp_timestamps is 0): a late "
               "segment could be taken for one of the next connection"},
    reason_row{left_alone::time_wait_young, "time-wait-young",
               "they came into TIME-WAIT less than a second ago (tcp_tw_reuse_delay): their last "
               "segments may still be on the way"},
    reason_row{left_alone::held_by_nobody, "held-by-nobody",
               "no process that may be looked into holds a descriptor of them to shut down: --how "
               "reset needs none"},
    reason_row{left_alone::no_cookie, "no-cookie",
               "the kernel gave them no cookie: they cannot be told from a successor with the same "
               "addresses"}};
static_assert(reasons.size() == all_left_alone.size());

const reason_row& row_of(left_alone why) {
  return *std::ranges::find(reasons, why, &reason_row::why);
}

/// Puts sockets into a plan as they are listed.
class planner {
 public:
  planner(const reap_options& options, reap_plan& plan) : options_(options), plan_(plan) {}

  void take(const kernel::listed_socket& one) {
    const auto pid = one.owner == nullptr ? 0 : one.owner->pid;
    if (options_.holder && *options_.holder != pid) return;
    ++plan_.found;
    const auto why =
        why_left_alone(one.record, one.direction, pid, one.net_namespace, options_.may);
    if (why) {
      ++plan_.left[*why];
      return;
    }
    ++plan_.to_close;
    const auto owner = one.owner == nullptr ? std::nullopt : std::optional(number_of(*one.owner));
    if (plan_.targets.size() < options_.at_most) {
      plan_.targets.push_back({.socket = one.record, .side = one.direction, .owner = owner});
    }
    add_to_group(one, owner);
  }

  void finish() {
    std::ranges::sort(plan_.groups, [](const reap_group& a, const reap_group& b) {
      return std::tie(b.count, a.state, a.end) < std::tie(a.count, b.state, b.end);
    });
  }

 private:
  using group_key =
      std::tuple<std::uint32_t, tcp::state, direction, std::optional<std::uint32_t>, tcp::endpoint>;

  std::uint32_t number_of(const process& owner) {
    const auto next = static_cast<std::uint32_t>(plan_.owners.size());
    const auto [at, is_new] = owners_.emplace(owner.pid, next);
    if (is_new) plan_.owners.push_back(owner);
    return at->second;
  }

  void add_to_group(const kernel::listed_socket& one, std::optional<std::uint32_t> owner) {
    const auto& s = one.record;
    const bool outbound = one.direction == direction::outbound;
    const auto end =
        outbound ? s.flow.remote : tcp::endpoint{.address = {}, .port = s.flow.local.port};
    const group_key key{s.net_namespace, s.state, one.direction, owner, end};
    auto at = groups_.find(key);
    if (at == groups_.end()) {
      if (groups_.size() == reap_plan::groups_max) {
        ++plan_.not_grouped;
        return;
      }
      at = groups_.emplace(key, plan_.groups.size()).first;
      plan_.groups.push_back({.net_namespace = s.net_namespace,
                              .state = s.state,
                              .side = one.direction,
                              .owner = owner,
                              .end = end});
    }
    count(plan_.groups[at->second], s);
  }

  static void count(reap_group& group, const socket_record& s) {
    ++group.count;
    // The FIN counts as one byte (kernel.md 3.4).
    const std::uint32_t fin = s.state == tcp::state::close_wait && s.receive_queue > 0 ? 1 : 0;
    group.unread_bytes += s.receive_queue - fin;
    const auto age = age_of(s);
    if (!age) return;
    group.youngest_ms = std::min(group.youngest_ms.value_or(age->lower_ms), age->lower_ms);
    group.oldest_ms = std::max(group.oldest_ms.value_or(age->lower_ms), age->lower_ms);
  }

  const reap_options& options_;
  reap_plan& plan_;
  std::unordered_map<std::int32_t, std::uint32_t> owners_;
  std::map<group_key, std::size_t> groups_;
};

}  // namespace

std::string_view to_string(close_way way) {
  return way == close_way::reset ? "reset" : "shutdown";
}

std::optional<close_way> parse_close_way(std::string_view name) {
  for (const auto way : {close_way::reset, close_way::shutdown}) {
    if (name == to_string(way)) return way;
  }
  return std::nullopt;
}

std::string_view to_string(left_alone why) {
  return row_of(why).id;
}

std::string_view reason_of(left_alone why) {
  return row_of(why).text;
}

result<reap_plan> plan_reap(const reap_options& options) {
  if (options.selected == socket_selector{}) {
    return failure({.code = errc::invalid_input,
                    .what = "nothing says which sockets: an empty selection would be all of them",
                    .hint = "waitstate reap state:close-wait older:60s process:NAME"});
  }
  reap_plan plan;
  plan.selection = to_text(options.selected);
  planner into(options, plan);
  auto listed = kernel::list_sockets({.net_namespace = options.net_namespace,
                                      .selected = options.selected,
                                      .progress = options.progress},
                                     [&](const kernel::listed_socket& one) { into.take(one); });
  if (!listed) return failure(std::move(listed).error());
  into.finish();
  plan.namespaces = std::move(listed->namespaces);
  plan.limits = std::move(listed->limits);
  return plan;
}

}  // namespace waitstate::remedy
