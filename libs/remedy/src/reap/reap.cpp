#include "waitstate/remedy/reap.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "reap/eligibility.h"
#include "waitstate/kernel/held_descriptor.h"
#include "waitstate/kernel/socket_control.h"

namespace waitstate::remedy {
namespace {

using std::chrono::steady_clock;

/// An event loop that is told of the end closes the descriptor by itself; it gets this long.
constexpr std::chrono::milliseconds time_to_notice(200);

/// A person who interrupts waits no longer than for one.
constexpr std::uint32_t handfuls_a_second = 10;

reaped named(kernel::destroyed end) {
  switch (end) {
    case kernel::destroyed::gone: return reaped::gone;
    case kernel::destroyed::changed: return reaped::changed;
    case kernel::destroyed::closed:
    case kernel::destroyed::closed_under_lock: break;
  }
  return reaped::closed;
}

/// Carries one plan out; used once.
class reaper {
 public:
  reaper(const reap_plan& plan, const reap_options& options, const reap_pace& pace, audit_log& log)
      : plan_(plan), options_(options), pace_(pace), log_(log) {
    controls_.resize(plan.namespaces.size());
  }

  reap_outcome run() {
    const auto began = steady_clock::now();
    const auto bound = std::min<std::uint64_t>(plan_.targets.size(), options_.at_most);
    std::uint64_t tried = 0;
    while (tried < bound && !is_over()) {
      std::this_thread::sleep_until(began + std::chrono::seconds(1) * tried / pace_.per_second);
      const auto targets = handful(std::span(plan_.targets).subspan(tried, bound - tried));
      reap(targets);
      tried += targets.size();
      if (options_.progress) options_.progress("closing sockets", tried);
    }
    outcome_.not_tried += plan_.to_close - std::min(plan_.to_close, tried);
    outcome_.ports_back = ports_.size();
    count_descriptors();
    return std::move(outcome_);
  }

 private:
  using targets = std::span<const reap_target>;

  /// A target that was looked at and may be closed.
  struct candidate {
    const reap_target* target;
    socket_record now;
  };

  [[nodiscard]] bool is_over() {
    if (is_stopped_) return true;
    outcome_.interrupted = pace_.give_up && pace_.give_up();
    return outcome_.interrupted;
  }

  /// The next one, or with it those of its namespace that are closed in the same pass.
  [[nodiscard]] targets handful(targets rest) {
    const auto* const control = control_of(rest.front().socket.net_namespace);
    if (options_.may.how != close_way::reset || control == nullptr || !control->is_under_lock()) {
      return rest.first(1);
    }
    const auto most = std::clamp<std::size_t>(pace_.per_second / handfuls_a_second, 1,
                                              kernel::socket_control::at_once_max);
    rest = rest.first(std::min(most, rest.size()));
    const auto other = std::ranges::find_if(rest, [&](const reap_target& t) {
      return t.socket.net_namespace != rest.front().socket.net_namespace;
    });
    return rest.first(static_cast<std::size_t>(other - rest.begin()));
  }

  void reap(targets all) {
    std::vector<candidate> meant;
    meant.reserve(all.size());
    for (const auto& target : all) {
      auto looked_at = look_at(target);
      if (!looked_at) {
        note(target, looked_at.error());
      } else {
        meant.push_back({&target, *std::move(looked_at)});
      }
    }
    if (meant.empty() || (all.size() > 1 && !announce(meant))) return;
    close(meant);
  }

  /// As it is now, if it is to be closed; else what has become of it.
  [[nodiscard]] tl::expected<socket_record, reaped> look_at(const reap_target& target) {
    auto* const control = control_of(target.socket.net_namespace);
    if (control == nullptr) return tl::unexpected(reaped::refused);
    auto now = control->look_up(target.socket);
    if (!now) return tl::unexpected(trouble(now.error()));
    if (!*now) return tl::unexpected(reaped::gone);
    if (!is_still_meant(target, **now)) return tl::unexpected(reaped::changed);
    return **std::move(now);
  }

  void close(const std::vector<candidate>& meant) {
    auto* const control = control_of(meant.front().target->socket.net_namespace);
    if (options_.may.how == close_way::shutdown) {
      const auto& one = meant.front();
      const auto done = kernel::shut_down(owner_of(*one.target)->pid, one.now);
      note(one, done ? result<kernel::destroyed>(*done ? kernel::destroyed::closed
                                                       : kernel::destroyed::gone)
                     : failure(done.error()));
      return;
    }
    std::vector<socket_record> judged;
    judged.reserve(meant.size());
    for (const auto& one : meant) judged.push_back(one.now);
    const auto ends = control->destroy(judged);
    for (std::size_t i = 0; i < meant.size(); ++i) note(meant[i], ends[i]);
  }

  void note(const candidate& one, const result<kernel::destroyed>& end) {
    const auto became = end ? named(*end) : trouble(end.error());
    if (became == reaped::closed) remember(*one.target, one.now);
    if (end && *end == kernel::destroyed::closed_under_lock) ++outcome_.under_lock;
    note(*one.target, became);
  }

  void note(const reap_target& target, reaped became) {
    ++outcome_.targets[became];
    record(target, became);
  }

  /// Before several are closed at once: after it each has a line, if the disk has room for it.
  [[nodiscard]] bool announce(const std::vector<candidate>& meant) {
    std::string cookies;
    for (const auto& one : meant) {
      cookies += fmt::format("{}{:x}", cookies.empty() ? "" : " ", one.now.cookie);
    }
    const auto& ns = plan_.namespaces[meant.front().target->socket.net_namespace];
    audit_entry entry{.at = std::chrono::system_clock::now(),
                      .verb = "reap",
                      .outcome = "closing",
                      .facts = {{"selection", plan_.selection},
                                {"namespace", fmt::format("net:[{}]", ns.inode)},
                                {"cookies", std::move(cookies)}}};
    if (!options_.rule.empty()) entry.facts.emplace_back("rule", options_.rule);
    const auto recorded = log_.record(entry);
    if (recorded) return true;
    outcome_.trouble = recorded.error();
    outcome_.not_tried += meant.size();
    is_stopped_ = true;
    return false;
  }

  [[nodiscard]] bool is_still_meant(const reap_target& target, const socket_record& now) const {
    const auto* const owner = owner_of(target);
    const auto& ns = plan_.namespaces[target.socket.net_namespace];
    const auto pid = owner == nullptr ? 0 : owner->pid;
    const socket_surroundings around{
        .owner = owner, .direction = target.side, .net_namespace = &ns};
    return now.state == target.socket.state && matches(options_.selected, now, around) &&
           !why_left_alone(now, target.side, pid, ns, options_.may);
  }

  [[nodiscard]] const process* owner_of(const reap_target& target) const {
    return target.owner ? &plan_.owners[*target.owner] : nullptr;
  }

  /// Opened when its first socket comes; null where that failed.
  kernel::socket_control* control_of(std::uint32_t ns) {
    auto& control = controls_[ns];
    if (!control) {
      auto opened = kernel::socket_control::open(plan_.namespaces[ns], options_.source);
      if (!opened) {
        static_cast<void>(trouble(opened.error()));
        return nullptr;
      }
      control = std::make_unique<kernel::socket_control>(*std::move(opened));
    }
    return control.get();
  }

  reaped trouble(const error& e) {
    if (!outcome_.trouble) outcome_.trouble = e;
    const bool refused = e.code == errc::permission || e.code == errc::unsupported;
    // What is not permitted once is not permitted to the next one.
    is_stopped_ = is_stopped_ || refused;
    return refused ? reaped::refused : reaped::failed;
  }

  void remember(const reap_target& target, const socket_record& closed) {
    if (target.side == direction::outbound) ports_.insert(closed.flow.local);
    if (target.owner && closed.inode != 0) held_[*target.owner].insert(closed.inode);
  }

  void record(const reap_target& target, reaped became) {
    const auto& s = target.socket;
    const auto* const owner = owner_of(target);
    const auto& ns = plan_.namespaces[s.net_namespace];
    audit_entry entry{.at = std::chrono::system_clock::now(),
                      .verb = "reap",
                      .outcome = to_string(became),
                      .facts = {{"selection", plan_.selection},
                                {"how", std::string(to_string(options_.may.how))},
                                {"state", std::string(to_string(s.state))},
                                {"local", to_string(s.flow.local)},
                                {"peer", to_string(s.flow.remote)},
                                {"namespace", fmt::format("net:[{}]", ns.inode)},
                                {"cookie", fmt::format("{:x}", s.cookie)}}};
    if (owner != nullptr) entry.facts.emplace_back("owner", to_string(*owner));
    if (!options_.rule.empty()) entry.facts.emplace_back("rule", options_.rule);
    const auto recorded = log_.record(entry);
    if (recorded) return;
    outcome_.trouble = recorded.error();
    is_stopped_ = true;
  }

  void count_descriptors() {
    if (held_.empty()) return;
    std::this_thread::sleep_for(time_to_notice);
    for (const auto& [owner, inodes] : held_) {
      outcome_.descriptors_left += kernel::descriptors_of(plan_.owners[owner].pid, inodes);
    }
  }

  const reap_plan& plan_;
  const reap_options& options_;
  const reap_pace& pace_;
  audit_log& log_;
  reap_outcome outcome_;
  bool is_stopped_ = false;
  std::vector<std::unique_ptr<kernel::socket_control>> controls_;  ///< By namespace.
  std::set<tcp::endpoint> ports_;
  std::map<std::uint32_t, std::set<std::uint32_t>> held_;  ///< Inodes by owner.
};

}  // namespace

std::string_view to_string(reaped r) {
  switch (r) {
    case reaped::closed: return "closed";
    case reaped::gone: return "gone";
    case reaped::changed: return "changed";
    case reaped::refused: return "refused";
    case reaped::failed: return "failed";
  }
  return "failed";
}

reap_outcome carry_out(const reap_plan& plan, const reap_options& options, const reap_pace& pace,
                       audit_log& log) {
  return reaper(plan, options, pace, log).run();
}

}  // namespace waitstate::remedy
