#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "judgement/destination_use.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/doubt.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// tcp_now of macOS counts milliseconds in 32 bits.
constexpr std::chrono::seconds tcp_now_wraps{4'294'967};
/// TIME-WAIT that pile up are more than a busy minute leaves.
constexpr std::uint64_t pile = 1'000;

remedy restart(const char* text) {
  return {.text = text,
          .command = "sudo shutdown -r now\n",
          .risk = "the host is down meanwhile",
          .undo = {}};
}

std::optional<finding> wrapped_clock(const picture& seen) {
  const auto& s = seen.s;
  if (s.host.os != os_family::macos || !s.host.uptime || *s.host.uptime < tcp_now_wraps) {
    return std::nullopt;
  }
  const auto waiting = seen.time_wait;
  const auto* failure = message_of(s, message_kind::address_not_available);
  if (waiting < pile && failure == nullptr) return std::nullopt;
  finding f{.id = "time-wait-never-expires",
            .severity = severity::critical,
            .certainty = likely("a clock that is sound, and a host that closes so much",
                                "the count while nothing connects: it falls within a minute where "
                                "the clock is sound"),
            .title = fmt::format(
                "this macOS is up {}: TIME-WAIT no longer expires{}", elapsed(*s.host.uptime),
                waiting == 0 ? std::string() : fmt::format(", {} piled up", grouped(waiting))),
            .subject = host_subject(s)};
  f.evidence.push_back({"uptime", elapsed(*s.host.uptime), source_of(s)});
  if (waiting > 0) f.evidence.push_back({"sockets in TIME-WAIT", grouped(waiting), source_of(s)});
  if (failure != nullptr) f.evidence.push_back(message_evidence(*failure));
  f.cause =
      "The kernel's TCP clock counts milliseconds in 32 bits and wraps after 49.7 days. In "
      "affected versions TIME-WAIT sockets from then on never run out, until all 16,384 "
      "ports are taken.";
  f.forecast = "each outgoing connection that this side closes takes one more port for good";
  f.remedies = {restart("Restart: nothing else gives the ports back"),
                {.text = "Install the macOS update that mends the clock; until then restart before "
                         "day 49",
                 .command = "softwareupdate --list\n",
                 .risk = {},
                 .undo = {}}};
  return f;
}

std::string time_left(const std::optional<socket_record>& sample) {
  return elapsed(std::chrono::milliseconds(sample ? sample->timer_ms : 0));
}

std::optional<finding> still_timers(const picture& seen) {
  const auto& s = seen.s;
  std::uint64_t stuck = 0;
  const socket_group* example = nullptr;
  for (const auto& group : s.groups) {
    if (!group.timers_stand_still || !group.newest || !group.oldest) continue;
    if (example == nullptr) example = &group;
    stuck += group.count;
  }
  // Fewer may be rows of another moment, pasted together.
  constexpr std::uint64_t stuck_min = 10;
  if (example == nullptr || stuck < stuck_min) return std::nullopt;
  finding f{.id = "time-wait-never-expires",
            .severity = severity::critical,
            .title = fmt::format("the timers of {} in TIME-WAIT do not run down",
                                 counted(stuck, "socket")),
            .subject = namespace_subject(s, example->key.net_namespace)};
  f.evidence.push_back({"time left of the newest and the oldest",
                        fmt::format("{} and {}, unchanged after {}", time_left(example->newest),
                                    time_left(example->oldest),
                                    elapsed(s.interval.value_or(std::chrono::milliseconds(0)))),
                        source_of(s)});
  f.cause =
      "TIME-WAIT lasts 60 s by the kernel's own timer. Here the timers stand still between "
      "two looks, so these sockets keep their ports and memory for good: a fault of the "
      "kernel, not of a program.";
  f.remedies = {restart("Restart into a kernel with the fault mended")};
  return f;
}

/// A count taken again and again that never falls for longer than twice the 2 MSL of any system.
std::optional<finding> never_falls(const picture& seen) {
  const auto& s = seen.s;
  constexpr std::chrono::minutes long_enough{8};
  for (const auto& series : s.series) {
    if (series.state != tcp::state::time_wait || !series.interval || series.values.size() < 3) {
      continue;
    }
    const auto lasted = *series.interval * static_cast<std::int64_t>(series.values.size() - 1);
    const bool grows = std::ranges::is_sorted(series.values) &&
                       series.values.back() >= series.values.front() + pile;
    if (lasted < long_enough || !grows) continue;
    finding f{.id = "time-wait-never-expires",
              .severity = severity::critical,
              .certainty = likely("a load that grows all the time",
                                  "the count while nothing connects: it falls within four minutes "
                                  "where the timers run"),
              .title = fmt::format("TIME-WAIT only grows: {} to {} in {}, and never falls",
                                   grouped(series.values.front()), grouped(series.values.back()),
                                   elapsed(lasted)),
              .subject = host_subject(s)};
    f.evidence.push_back({"TIME-WAIT counted again and again",
                          fmt::format("{} to {} in {} looks", grouped(series.values.front()),
                                      grouped(series.values.back()), series.values.size()),
                          source_of(s)});
    f.cause =
        "No system keeps TIME-WAIT longer than four minutes, so at a steady load the count "
        "levels out. One that only grows means that the kernel's timers do not fire.";
    f.remedies = {restart("Restart into a kernel with the fault mended")};
    return f;
  }
  return std::nullopt;
}

}  // namespace

findings time_wait_never_expires(const picture& seen) {
  for (auto* told : {wrapped_clock, still_timers, never_falls}) {
    if (auto f = told(seen)) return {std::move(*f)};
  }
  return {};
}

}  // namespace waitstate::diagnosis
