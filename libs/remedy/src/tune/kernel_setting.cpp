#include "waitstate/remedy/tune/kernel_setting.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "waitstate/base/spelling.h"
#include "waitstate/base/words.h"
#include "waitstate/procfs/text.h"
#include "waitstate/tcp/port_set.h"

namespace waitstate::remedy {
namespace {

constexpr std::int64_t int_max = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t long_max = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t byte_max = 255;
/// In seconds, of what the kernel keeps in ticks of up to a thousandth.
constexpr std::int64_t ticks_max = int_max / 1'000;

// By name: found by bisection, and listed in this order.
constexpr std::array settings{
    kernel_setting{.key = "fs.file-max",
                   .most = long_max,
                   .does = "the most open files of the whole host",
                   .helps = "fs.file-nr comes near it",
                   .risk = "memory for each file",
                   .is_of_host = true},
    kernel_setting{.key = "net.core.somaxconn",
                   .most = int_max,
                   .does = "the upper bound for the backlog that a program gives to listen()",
                   .helps = "accept queues overflow whose programs asked for more",
                   .risk = "a longer queue hides a slow program for longer; sockets that listen "
                           "already keep theirs"},
    kernel_setting{.key = "net.ipv4.ip_local_port_range",
                   .form = setting_form::port_range,
                   .does = "the ports that connect() chooses from",
                   .helps = "a destination needs more ports than there are",
                   .risk = "a service that listens in the range and is not reserved may find its "
                           "port taken when it restarts"},
    kernel_setting{.key = "net.ipv4.ip_local_port_step_width",
                   .most = int_max,
                   .does = "how far apart connect() looks for a free port",
                   .helps = "connect() spends its time looking through a range that is mostly used",
                   .since = {.major = 7, .minor = 1}},
    kernel_setting{.key = "net.ipv4.ip_local_reserved_ports",
                   .form = setting_form::port_list,
                   .does = "ports that connect() never chooses",
                   .helps = "services listen inside ip_local_port_range",
                   .risk = "each is one less for connect()"},
    kernel_setting{.key = "net.ipv4.ip_nonlocal_bind",
                   .most = 1,
                   .does = "lets programs bind addresses that this host does not have yet",
                   .helps = "a floating address comes after the program",
                   .risk = "a wrong address in a configuration is not noticed"},
    kernel_setting{.key = "net.ipv4.tcp_abort_on_overflow",
                   .most = 1,
                   .does = "answers a full accept queue with a reset instead of silence",
                   .helps = "a load balancer tries elsewhere at once",
                   .risk = "a burst that the next try would have survived becomes an error"},
    kernel_setting{.key = "net.ipv4.tcp_fin_timeout",
                   .least = 1,
                   .most = 120,
                   .does = "how long an ownerless FIN-WAIT-2 waits for the peer's FIN, in seconds",
                   .helps = "ownerless FIN-WAIT-2 hold ports or memory",
                   .risk = "a slow peer that still sends gets a reset"},
    kernel_setting{.key = "net.ipv4.tcp_keepalive_intvl",
                   .least = 1,
                   .most = 32'767,
                   .does = "seconds between the probes of an idle connection with SO_KEEPALIVE",
                   .helps = "dead peers or silent firewalls are noticed too late",
                   .risk = "small traffic for each idle connection"},
    kernel_setting{.key = "net.ipv4.tcp_keepalive_probes",
                   .least = 1,
                   .most = 127,
                   .does = "how many of these probes may stay unanswered",
                   .helps = "dead peers or silent firewalls are noticed too late",
                   .risk = "a short outage of the network ends idle connections"},
    kernel_setting{.key = "net.ipv4.tcp_keepalive_time",
                   .least = 1,
                   .most = 32'767,
                   .does = "idle seconds before the first of these probes",
                   .helps = "dead peers or silent firewalls are noticed too late",
                   .risk = "small traffic for each idle connection"},
    kernel_setting{.key = "net.ipv4.tcp_max_orphans",
                   .most = int_max,
                   .does = "the most full sockets without an owner, of the whole host",
                   .helps = "their count comes near it and memory allows more",
                   .risk = "up to 64 KiB of memory for each",
                   .is_of_host = true},
    kernel_setting{.key = "net.ipv4.tcp_max_syn_backlog",
                   .least = 1,
                   .most = int_max,
                   .does = "how many unfinished handshakes a listener remembers",
                   .helps = "real clients are many and far away",
                   .risk = "a few hundred bytes for each"},
    kernel_setting{.key = "net.ipv4.tcp_max_tw_buckets",
                   .most = int_max,
                   .does = "the most TIME-WAIT that may exist",
                   .helps = "their count stands at it",
                   .risk = "256 bytes for each"},
    kernel_setting{.key = "net.ipv4.tcp_mem",
                   .form = setting_form::numbers,
                   .does = "pages of memory that all TCP buffers together may take",
                   .helps = "TCP is out of memory and the host is not",
                   .risk = "memory that others need",
                   .is_of_host = true},
    kernel_setting{.key = "net.ipv4.tcp_orphan_retries",
                   .most = byte_max,
                   .does = "how often a socket without an owner repeats what is unacknowledged",
                   .helps = "clients vanish and leave sockets in FIN-WAIT-1 and LAST-ACK",
                   .risk = "the end of an answer is lost to a client on a bad line"},
    kernel_setting{.key = "net.ipv4.tcp_retries2",
                   .least = 3,
                   .most = byte_max,
                   .does = "how often unacknowledged data is repeated before it is given up",
                   .helps = "a cluster fails over and may not wait for a quarter of an hour",
                   .risk = "short outages end connections, of all programs"},
    kernel_setting{.key = "net.ipv4.tcp_syn_retries",
                   .least = 1,
                   .most = 127,
                   .does = "how often a SYN is repeated",
                   .helps = "programs without a time limit of their own wait for dead hosts",
                   .risk = "slow paths are given up"},
    kernel_setting{.key = "net.ipv4.tcp_syncookies",
                   .most = 2,
                   .does = "lets a listener go on whose queue of handshakes is full",
                   .helps = "it was turned off",
                   .risk = "connections that come by a cookie may lack window scaling and SACK"},
    kernel_setting{.key = "net.ipv4.tcp_timestamps",
                   .most = 2,
                   .does = "puts a clock into every segment",
                   .helps = "it was turned off: tcp_tw_reuse does nothing without it"},
    kernel_setting{.key = "net.ipv4.tcp_tw_recycle",
                   .most = 1,
                   .does = "ended TIME-WAIT early and dropped clients behind NAT",
                   .helps = "it is on: turn it off",
                   .gone_in = {.major = 4, .minor = 12}},
    kernel_setting{.key = "net.ipv4.tcp_tw_reuse",
                   .most = 2,
                   .does = "lets connect() take over the port of a TIME-WAIT: 0 never, 1 always, 2 "
                           "over loopback",
                   .helps = "this host closes first the connections that it opens, and runs out of "
                            "ports",
                   .risk = "needs TCP timestamps on both sides (the default); not through a device "
                           "that rewrites them"},
    kernel_setting{.key = "net.ipv4.tcp_tw_reuse_delay",
                   .least = 1,
                   .most = 60'000,
                   .does = "how old a TIME-WAIT must be before that, in milliseconds",
                   .helps = "even one second a port is too long, within one data centre",
                   .risk = "a late segment may meet the new connection; timestamps catch most",
                   .since = {.major = 6, .minor = 14}},
    kernel_setting{.key = "net.netfilter.nf_conntrack_max",
                   .least = 1,
                   .most = int_max,
                   .does = "the most entries of the connection tracking table",
                   .helps = "the count comes near it",
                   .risk = "about 300 bytes of kernel memory an entry"},
    kernel_setting{
        .key = "net.netfilter.nf_conntrack_tcp_timeout_close_wait",
        .least = 1,
        .most = ticks_max,
        .does = "how long connection tracking keeps a half-closed connection, in seconds",
        .helps = "such entries fill the table",
        .risk = "what is tracked no more is dropped or loses its translation"},
    kernel_setting{.key = "net.netfilter.nf_conntrack_tcp_timeout_time_wait",
                   .least = 1,
                   .most = ticks_max,
                   .does = "how long connection tracking keeps a closed connection, in seconds",
                   .helps = "such entries fill the table",
                   .risk =
                       "below 60 a translated port may be used again while the host still knows "
                       "its connection"},
};
static_assert(std::ranges::is_sorted(settings, {}, &kernel_setting::key));

std::string_view last_part(std::string_view key) {
  return key.substr(key.rfind('.') + 1);
}

error no_such(std::string_view name) {
  std::vector<std::string> names;
  names.reserve(2 * settings.size());
  for (const auto& s : settings) {
    names.emplace_back(s.key);
    names.emplace_back(last_part(s.key));
  }
  const auto nearest = nearest_word(name, names);
  return {.code = errc::not_found,
          .what = fmt::format("'{}': no setting that a plan changes", quotable(name)),
          .hint = nearest.empty() ? "waitstate explain lists the settings"
                                  : fmt::format("did you mean '{}'?", nearest)};
}

failure refused(const kernel_setting& setting, std::string_view typed, std::string_view wanted) {
  return failure({.code = errc::invalid_input,
                  .what = fmt::format("{}: '{}' is not {}", setting.key, quotable(typed), wanted),
                  .hint = {}});
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, number);
  if (status != std::errc() || rest != end || text.empty()) return std::nullopt;
  return number;
}

result<std::string> three_numbers(const kernel_setting& setting, std::string_view typed) {
  auto plain = procfs::one_blank_apart(typed);
  std::string_view rest = plain;
  int count = 0;
  while (!rest.empty()) {
    const auto word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    if (number_of(word).value_or(-1) < 0) return refused(setting, typed, "three numbers");
    ++count;
  }
  if (count != 3) return refused(setting, typed, "three numbers");
  return plain;
}

result<std::string> number_in_bounds(const kernel_setting& setting, std::string_view typed) {
  const auto number = number_of(typed);
  if (number && *number >= setting.least && *number <= setting.most) return std::string(typed);
  return refused(setting, typed,
                 fmt::format("a number from {} to {}", setting.least, setting.most));
}

}  // namespace

std::span<const kernel_setting> kernel_settings() {
  return settings;
}

result<const kernel_setting*> setting_named(std::string_view name) {
  std::string dotted(name);
  std::ranges::replace(dotted, '/', '.');
  const auto whole = std::ranges::find(settings, dotted, &kernel_setting::key);
  if (whole != settings.end()) return &*whole;
  const auto part = std::ranges::find_if(
      settings, [&](const kernel_setting& s) { return last_part(s.key) == dotted; });
  if (part != settings.end()) return &*part;
  return failure(no_such(name));
}

result<std::string> checked_value(const kernel_setting& setting, std::string_view typed) {
  switch (setting.form) {
    case setting_form::number: return number_in_bounds(setting, typed);
    case setting_form::numbers: return three_numbers(setting, typed);
    case setting_form::port_range: {
      const auto range = tcp::parse_port_range(typed);
      if (!range || range->low == 0) return refused(setting, typed, "a first and a last port");
      return fmt::format("{} {}", range->low, range->high);
    }
    case setting_form::port_list: {
      const auto ports = tcp::parse_port_set(typed);
      if (!ports) return refused(setting, typed, "a list of ports such as 8080,9000-9010");
      return to_string(*ports);
    }
  }
  return refused(setting, typed, "a value");
}

bool is_in(const kernel_setting& setting, const std::optional<kernel_version>& release) {
  if (!release) return true;
  const bool has_come = *release >= setting.since;
  const bool is_gone = setting.gone_in != kernel_version{} && *release >= setting.gone_in;
  return has_come && !is_gone;
}

}  // namespace waitstate::remedy
