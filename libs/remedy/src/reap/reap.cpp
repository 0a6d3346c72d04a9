#include "waitstate/remedy/reap.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
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

/// Carries one plan out; used once.
class reaper {
 public:
  reaper(const reap_plan& plan, const reap_options& options, const reap_pace& pace, audit_log& log)
      : plan_(plan), options_(options), pace_(pace), log_(log) {
    controls_.resize(plan.namespaces.size());
  }

  reap_outcome run() {
    const auto began = steady_clock::now();
    std::uint64_t tried = 0;
    for (const auto& target : plan_.targets) {
      if (tried == options_.at_most || is_over()) break;
      std::this_thread::sleep_until(began + std::chrono::seconds(1) * tried / pace_.per_second);
      ++tried;
      const auto became = reap(target);
      ++outcome_.targets[became];
      record(target, became);
      if (options_.progress) options_.progress("closing sockets", tried);
    }
    outcome_.not_tried = plan_.to_close - std::min(plan_.to_close, tried);
    outcome_.ports_back = ports_.size();
    count_descriptors();
    return std::move(outcome_);
  }

 private:
  [[nodiscard]] bool is_over() {
    if (is_stopped_) return true;
    outcome_.interrupted = pace_.give_up && pace_.give_up();
    return outcome_.interrupted;
  }

  [[nodiscard]] reaped reap(const reap_target& target) {
    auto* const control = control_of(target.socket.net_namespace);
    if (control == nullptr) return reaped::refused;
    const auto now = control->look_up(target.socket);
    if (!now) return trouble(now.error());
    if (!*now) return reaped::gone;
    if (!is_still_meant(target, **now)) return reaped::changed;
    const auto done = options_.may.how == close_way::reset
                          ? control->destroy(**now)
                          : kernel::shut_down(owner_of(target)->pid, **now);
    if (!done) return trouble(done.error());
    if (!*done) return reaped::gone;
    note(target, **now);
    return reaped::closed;
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
      auto opened = kernel::socket_control::open(plan_.namespaces[ns]);
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

  void note(const reap_target& target, const socket_record& closed) {
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
