#include "advice/ports.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "advice/runtime_advice.h"
#include "advice/settings.h"
#include "advice/system.h"
#include "waitstate/diagnosis/port_headroom.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// More than these make a command that nobody reads.
constexpr std::size_t reserved_max = 32;

tcp::port_set listening_in(const snapshot& s, std::uint32_t net_namespace, tcp::port_range range) {
  tcp::port_set ports;
  if (net_namespace >= s.namespaces.size()) return ports;
  std::size_t taken = 0;
  for (std::uint32_t port = range.low; port <= range.high && taken < reserved_max; ++port) {
    if (!s.namespaces[net_namespace].bound_ports.contains(static_cast<std::uint16_t>(port))) {
      continue;
    }
    ports.insert(static_cast<std::uint16_t>(port));
    ++taken;
  }
  return ports;
}

/// For any program: in C, and what it is in the languages that are met most.
std::string set_the_option() {
  return fmt::format(
      "int on = 1;\n"
      "{}"
      "bind(fd, address_with_port_0, length);\n"
      "# Python: {}"
      "# Go: {}",
      advice_for(runtime::native).bind.command, advice_for(runtime::python).bind.command,
      advice_for(runtime::go).bind.command);
}

}  // namespace

std::vector<remedy> widen_range(const picture& seen, std::uint32_t net_namespace) {
  const auto& s = seen.s;
  constexpr tcp::port_range wide{.low = 10240, .high = 65535};
  const auto range = seen.ports.supply(net_namespace).range;
  constexpr std::uint32_t wide_enough_percent = 90;  // The rest is not worth a change.
  if (range.size() * 100 >= wide.size() * wide_enough_percent) return {};
  std::vector<remedy> remedies;
  const auto listening = listening_in(s, net_namespace, wide);
  if (!listening.empty()) {
    remedies.push_back(
        reserve_ports(s, net_namespace, listening,
                      "Reserve the ports that listeners use, before widening the range"));
  }
  remedies.push_back(sysctl_remedy(
      s, {.net_namespace = net_namespace,
          .key = "net.ipv4.ip_local_port_range",
          .value = fmt::format("{} {}", wide.low, wide.high),
          .text = "Widen the port range",
          .risk = "a service that listens in the range and is not reserved may find its port taken "
                  "when it restarts"}));
  return remedies;
}

std::vector<remedy> find_more_ports(const picture& seen, std::uint32_t net_namespace,
                                    bool mostly_time_wait) {
  const auto& s = seen.s;
  const auto os = system_of(s);
  if (os != os_family::linux_kernel) {
    return more_ports_elsewhere(os, seen.ports.supply(net_namespace).range);
  }
  std::vector<remedy> remedies{
      {.text = "Spread the connections over more destination addresses or ports, or more source "
               "addresses: every pair has the whole range to itself",
       .command = {},
       .risk = "a source address that is bound needs IP_BIND_ADDRESS_NO_PORT",
       .undo = {}}};
  for (auto& r : widen_range(seen, net_namespace)) remedies.push_back(std::move(r));
  const auto& reuse = seen.ports.reuse(net_namespace);
  const bool can_reuse = reuse.applies != reuse_policy::scope::always && !reuse.without_timestamps;
  if (mostly_time_wait && can_reuse) {
    remedies.push_back(sysctl_remedy(
        s, {.net_namespace = net_namespace,
            .key = "net.ipv4.tcp_tw_reuse",
            .value = "1",
            .text = "Let connect() take over TIME-WAIT ports after a second: 60 times the "
                    "connections, and still one for each request",
            .risk = "needs TCP timestamps on both sides (the default); not through a device that "
                    "rewrites them"}));
  }
  return remedies;
}

std::uint64_t time_wait_buckets_wanted(const network_namespace& ns) {
  // What a host of 24 GiB has by itself.
  constexpr std::uint64_t usual = 131'072;
  const auto in_use =
      std::max(ns.states.of(tcp::state::time_wait), ns.totals.time_wait.value_or(0));
  const auto most = std::max<std::int64_t>(ns.sysctl("net.ipv4.tcp_max_tw_buckets").value_or(0), 0);
  return std::max({usual, 2 * in_use, 2 * static_cast<std::uint64_t>(most)});
}

std::vector<remedy> bind_without_port(runtime r) {
  std::vector<remedy> remedies;
  const auto known = advice_for(r).bind;
  const bool has_own_way = !known.text.empty();
  if (has_own_way) remedies.push_back(filled(known, {}));
  remedies.push_back(
      {.text = "Set IP_BIND_ADDRESS_NO_PORT before bind(): the kernel then picks the port in "
               "connect(), and destinations share ports again (Linux 4.2)",
       .command = has_own_way || known.command.empty() || r == runtime::native
                      ? set_the_option()
                      : std::string(known.command),
       .risk = "getsockname() shows port 0 until connect()"});
  remedies.push_back({.text = "Or do not bind at all: let the routing table choose the source "
                              "address (ip route ... src ADDRESS)"});
  return remedies;
}

}  // namespace waitstate::diagnosis
