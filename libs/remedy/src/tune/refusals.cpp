#include "tune/refusals.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/text.h"

namespace waitstate::remedy {
namespace {

constexpr std::int64_t usual_fin_timeout = 60;
constexpr std::int64_t few_buckets = 16'384;  // The kernel's own on a host of 4 GiB.
constexpr std::uint16_t services_begin_below = 10'000;
constexpr std::uint64_t bytes_each = 256;  // tw_sock_TCP, kernel.md 3.2

std::int64_t number_of(std::string_view text) {
  std::int64_t number = -1;
  const auto* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, number);
  return status == std::errc() && rest == end ? number : -1;
}

std::string release_text(const situation& now) {
  return now.release ? fmt::format("this is Linux {}.{}", now.release->major, now.release->minor)
                     : std::string("the kernel's release was not seen");
}

std::string value_or_unseen(const situation& now, std::string_view key) {
  return now.value(key).value_or("not seen");
}

// Recycling.
bool recycles(const situation&, std::string_view value) {
  return number_of(value) > 0;
}
std::string no_recycling(const situation& now) {
  const kernel_version gone{.major = 4, .minor = 12};
  if (now.value("net.ipv4.tcp_tw_recycle")) {
    return fmt::format("{}, where it is {}", release_text(now),
                       value_or_unseen(now, "net.ipv4.tcp_tw_recycle"));
  }
  return now.release && *now.release >= gone
             ? fmt::format("{}: there is no such setting", release_text(now))
             : release_text(now);
}

// FIN-WAIT-2 for TIME-WAIT.
bool is_short_fin_timeout(const situation& now, std::string_view value) {
  constexpr std::uint64_t many = 1'000;
  const auto seconds = number_of(value);
  return seconds >= 0 && seconds < usual_fin_timeout && now.ownerless_fin_wait_2() < many;
}
std::string time_wait_outlives_it(const situation& now) {
  std::uint32_t oldest_ms = 0;
  for (const auto& g : now.s.groups) {
    const bool is_here = g.key.net_namespace == 0 && g.key.state == tcp::state::time_wait;
    if (is_here) oldest_ms = std::max(oldest_ms, g.age_max_ms);
  }
  const auto setting = now.number("net.ipv4.tcp_fin_timeout");
  const auto time_wait = now.ns.states.of(tcp::state::time_wait);
  auto proof = fmt::format("{} in TIME-WAIT, {} in FIN-WAIT-2 that nobody holds",
                           grouped(time_wait), grouped(now.ownerless_fin_wait_2()));
  if (setting && std::cmp_less(*setting * 1'000, oldest_ms)) {
    proof += fmt::format("; the oldest TIME-WAIT is {} old with tcp_fin_timeout {}",
                         elapsed(std::chrono::milliseconds(oldest_ms)), *setting);
  }
  return proof;
}

// Fewer TIME-WAIT by force.
bool are_few_buckets(const situation& now, std::string_view value) {
  const auto most = number_of(value);
  const auto is = static_cast<std::int64_t>(now.ns.states.of(tcp::state::time_wait));
  return most >= 0 && (most < few_buckets || most < is);
}
std::string what_they_cost(const situation& now) {
  const auto time_wait = now.ns.states.of(tcp::state::time_wait);
  const auto most = now.number("net.ipv4.tcp_max_tw_buckets");
  auto proof = fmt::format(
      "{} in use{}, about {} of memory", grouped(time_wait),
      most && *most >= 0 ? fmt::format(" of {}", grouped(static_cast<std::uint64_t>(*most))) : "",
      bytes(time_wait * bytes_each));
  if (const auto over = now.counter("TcpExt.TCPTimeWaitOverflow"); over > 0) {
    proof += fmt::format("; {} ended without TIME-WAIT since the boot", grouped(over));
  }
  return proof;
}

// Reuse where nothing is connected.
bool reuses_in_vain(const situation& now, std::string_view value) {
  // While nothing is in TIME-WAIT nothing shows whose it would be.
  return number_of(value) == 1 && now.made_in_time_wait() == 0 && now.taken_in_time_wait() > 0;
}
std::string whose_time_wait(const situation& now) {
  const auto taken = now.taken_in_time_wait();
  const auto made = now.made_in_time_wait();
  if (taken + made == 0) return "nothing is in TIME-WAIT";
  return fmt::format(
      "{} of {} TIME-WAIT are of connections that were accepted, {} of those that this "
      "host made",
      grouped(taken), grouped(taken + made), grouped(made));
}

// A bound that nobody reaches.
bool is_not_asked_for(const situation& now, std::string_view value) {
  const auto bound = now.number("net.core.somaxconn");
  if (!bound || number_of(value) <= *bound) return false;
  return std::ranges::none_of(now.s.listeners, [&](const listener& l) {
    return l.net_namespace == 0 && l.backlog && std::cmp_greater_equal(*l.backlog, *bound);
  });
}
std::string what_was_asked_for(const situation& now) {
  const listener* longest = nullptr;
  for (const auto& l : now.s.listeners) {
    if (l.net_namespace != 0 || !l.backlog) continue;
    if (longest == nullptr || l.backlog > longest->backlog) longest = &l;
  }
  if (longest == nullptr) return "no listener with a queue was seen";
  return fmt::format("the longest queue is that of {}, {} of {} that may be",
                     now.s.text_of(longest->local), grouped(longest->backlog.value_or(0)),
                     value_or_unseen(now, "net.core.somaxconn"));
}

// No clock.
bool is_zero(const situation&, std::string_view value) {
  return number_of(value) == 0;
}
std::string who_needs_the_clock(const situation& now) {
  const auto clock = now.value("net.ipv4.tcp_timestamps");
  const auto reuse = now.value("net.ipv4.tcp_tw_reuse");
  if (!clock || !reuse) return "tcp_timestamps and tcp_tw_reuse were not seen";
  return fmt::format(
      "tcp_timestamps is {}, tcp_tw_reuse {}: without the one the other does nothing", *clock,
      *reuse);
}

// A range from 1024.
bool begins_low(const situation&, std::string_view value) {
  const auto range = tcp::parse_port_range(value);
  return range && range->low < services_begin_below;
}
std::string who_listens_low(const situation& now) {
  constexpr std::uint16_t usual_low = 32'768;
  auto low = now.listening_in({.low = 1'024, .high = usual_low - 1});
  if (low.empty()) return "nothing listens between 1024 and 32767 now; what starts later may";
  auto text = to_string(low);
  constexpr std::size_t enough = 60;
  if (text.size() > enough) text = text.substr(0, text.rfind(',', enough)) + ", ...";
  return fmt::format("{} {} listened on, and not reserved", text, low.size() == 1 ? "is" : "are");
}

// Buffers by copy.
bool is_any(const situation&, std::string_view) {
  return true;
}
std::string who_waits_for_buffers(const situation& now) {
  const auto pruned = now.ns.counter("TcpExt.PruneCalled");
  const auto pressed = now.ns.counter("TcpExt.TCPMemoryPressures");
  if (!pruned || !pressed) return "no counter was seen that tells of full buffers";
  return fmt::format(
      "since the boot receive buffers were too full {} times (PruneCalled), and TCP was short of "
      "memory {} times (TCPMemoryPressures)",
      grouped(*pruned), grouped(*pressed));
}

struct refusal_rule {
  std::string_view key;
  std::string_view popular;
  std::string_view why;
  bool (*is_it)(const situation& now, std::string_view value);
  std::string (*proof)(const situation& now);
  bool holds_when_typed = true;
};

constexpr std::array rules{
    refusal_rule{"net.ipv4.tcp_tw_recycle", "1",
                 "gone since Linux 4.12; before, it dropped clients behind one NAT at random",
                 recycles, no_recycling},
    refusal_rule{"net.ipv4.tcp_fin_timeout", "lower, for TIME-WAIT",
                 "it is for FIN-WAIT-2 that nobody holds: TIME-WAIT lasts 60 s whatever it says",
                 is_short_fin_timeout, time_wait_outlives_it},
    refusal_rule{
        "net.ipv4.tcp_max_tw_buckets", "lowered",
        "past it connections end without TIME-WAIT: late segments may meet new connections",
        are_few_buckets, what_they_cost},
    refusal_rule{"net.ipv4.tcp_tw_reuse", "1, on a server",
                 "it is for connect(): TIME-WAIT of accepted connections blocks no port and stays",
                 reuses_in_vain, whose_time_wait, false},
    refusal_rule{"net.core.somaxconn", "raised alone",
                 "the kernel takes the smaller of it and what the program gives to listen(): raise "
                 "that first",
                 is_not_asked_for, what_was_asked_for, false},
    refusal_rule{"net.ipv4.tcp_timestamps", "0",
                 "turns off the protection against old segments, and with it tcp_tw_reuse", is_zero,
                 who_needs_the_clock},
    refusal_rule{"net.ipv4.ip_local_port_range", "1024 65535",
                 "begins among the services: connect() takes the port of one that restarts; from "
                 "10240 on, with the rest reserved, is nearly as much",
                 begins_low, who_listens_low},
    refusal_rule{
        "net.ipv4.tcp_rmem", "from a blog",
        "buffers are no matter of how many connections there are; larger ones cost memory for "
        "each",
        is_any, who_waits_for_buffers},
    refusal_rule{
        "net.ipv4.tcp_wmem", "from a blog",
        "buffers are no matter of how many connections there are; larger ones cost memory for "
        "each",
        is_any, who_waits_for_buffers},
};

refused_setting made_of(const refusal_rule& rule, const situation& now) {
  return {.key = std::string(rule.key),
          .popular = std::string(rule.popular),
          .why = std::string(rule.why),
          .proof = rule.proof(now)};
}

}  // namespace

std::vector<refused_setting> refusals(const situation& now, const proposals& made) {
  std::vector<refused_setting> refused;
  refused.reserve(rules.size());
  for (const auto& rule : rules) {
    const bool is_made = std::ranges::any_of(made, [&](const planned_setting& p) {
      return p.key == rule.key && !rule.holds_when_typed;
    });
    // Both kinds of buffers are one habit.
    const bool is_said = !refused.empty() && refused.back().why == rule.why;
    // Of a client's it is no mistake, only not needed.
    const bool is_apt = rule.is_it != reuses_in_vain || now.made_in_time_wait() == 0 ||
                        now.taken_in_time_wait() > 0;
    if (!is_made && !is_said && is_apt) refused.push_back(made_of(rule, now));
  }
  return refused;
}

std::optional<refused_setting> refusal_of(const situation& now, std::string_view key,
                                          std::string_view value, bool is_typed) {
  for (const auto& rule : rules) {
    const bool counts = rule.key == key && (!is_typed || rule.holds_when_typed);
    if (counts && rule.is_it(now, value)) return made_of(rule, now);
  }
  return std::nullopt;
}

std::optional<refused_setting> refusal_of_unknown(const situation& now, std::string_view key) {
  for (const auto& rule : rules) {
    const bool is_it = rule.key == key || rule.key.substr(rule.key.rfind('.') + 1) == key;
    if (is_it && !setting_named(rule.key)) return made_of(rule, now);
  }
  return std::nullopt;
}

}  // namespace waitstate::remedy
