#include <cstdint>
#include <optional>
#include <ranges>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "advice/settings.h"
#include "judgement/failed_listen.h"
#include "judgement/what_is_shown.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "waitstate/tcp/port_set.h"
#include "words/doubt.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

constexpr const char* reserve_text =
    "Reserve the port, so that connect() never takes it (listening still works); keep it in "
    "/etc/sysctl.d";

remedy reserve_unnamed_port(const snapshot& s, std::uint32_t net_namespace) {
  const auto held = s.namespaces[net_namespace].reserved_ports();
  return sysctl_remedy(s, {.net_namespace = net_namespace,
                           .key = "net.ipv4.ip_local_reserved_ports",
                           .value = held.empty() ? "PORT" : tcp::to_string(held) + ",PORT",
                           .text = reserve_text,
                           .risk = {}});
}

remedy reserve(const snapshot& s, std::uint32_t net_namespace, std::uint16_t port) {
  if (port == 0) return reserve_unnamed_port(s, net_namespace);
  tcp::port_set ports;
  ports.insert(port);
  return reserve_ports(s, net_namespace, ports, reserve_text);
}

remedy range_above_services(const snapshot& s, std::uint32_t net_namespace) {
  return sysctl_remedy(s, {.net_namespace = net_namespace,
                           .key = "net.ipv4.ip_local_port_range",
                           .value = "32768 60999",
                           .text = "Or let the range begin above the ports that services use",
                           .risk = "fewer ports for outgoing connections"});
}

constexpr const char* why =
    "connect() takes its local ports from this range. While a connection, or its TIME-WAIT, has "
    "the "
    "port, a service that wants to listen on it gets EADDRINUSE; it works again when that is gone, "
    "so it fails now and then and mostly after a restart.";

std::optional<finding> from_message(const picture& seen) {
  const auto& s = seen.s;
  const auto& supply = seen.ports.supply(0);
  for (const auto& failed : failed_listens(s, supply)) {
    if (!failed.is_in_range || failed.wants_any_port || failed.is_kept_away) continue;
    if (failed.holder != nullptr && !failed.holder_takes_any_port) continue;
    const auto& m = *failed.said;
    const auto port = failed.port;
    finding f{.id = "listen-port-in-ephemeral-range",
              .severity = severity::warning,
              .certainty = likely("another program listens on it",
                                  "who has the port at that moment: a listener, or a connection "
                                  "that was given it"),
              .title = fmt::format("a service cannot listen{}: its port is in the range that "
                                   "connect() takes from ({}-{})",
                                   port == 0 ? std::string() : fmt::format(" on port {}", port),
                                   supply.range.low, supply.range.high)};
    f.subject = m.endpoint ? listener_subject(s, *m.endpoint, {}, 0) : host_subject(s);
    f.subject.process = m.program;
    f.evidence.push_back(message_evidence(m));
    f.evidence.push_back({"net.ipv4.ip_local_port_range",
                          fmt::format("{} {}{}", supply.range.low, supply.range.high,
                                      supply.range_assumed ? " (assumed)" : ""),
                          supply.range_assumed ? "assumed" : "sysctl"});
    f.cause = why;
    if (failed.holder != nullptr) {
      f.certainty = {};
      f.evidence.push_back({fmt::format("listens on port {}", port),
                            owner_text(s, failed.holder->owner), source_of(s)});
      f.cause +=
          " So does a service that asks for any port: the one that listens there now had no port "
          "of its own to take.";
    }
    f.remedies.push_back(reserve(s, 0, port));
    if (supply.range.low < services_end) f.remedies.push_back(range_above_services(s, 0));
    return f;
  }
  return std::nullopt;
}

/// Somebody pasted settings and nothing else: the range is what they ask about.
std::optional<finding> from_setting(const picture& seen) {
  // 1024 and the like reach down to 3306, 5432, 6379 and 8080; 9000 is what Oracle asks for.
  constexpr std::uint16_t services_begin = 9'000;
  const auto& s = seen.s;
  const auto& supply = seen.ports.supply(0);
  const bool is_low = !supply.range_assumed && supply.range.low < services_begin;
  const bool alone = s.source == source_kind::pasted && s.messages.empty() && !shows_the_host(s);
  if (!is_low || !alone || supply.reserved > 0 || system_of(s) != os_family::linux_kernel) {
    return std::nullopt;
  }
  finding f{.id = "listen-port-in-ephemeral-range",
            .severity = severity::warning,
            .title = fmt::format("connect() takes its ports from {}-{}, where services listen: one "
                                 "of them may find its port taken when it starts",
                                 supply.range.low, supply.range.high)};
  f.subject = host_subject(s);
  f.evidence.push_back({"net.ipv4.ip_local_port_range",
                        fmt::format("{} {}", supply.range.low, supply.range.high), "sysctl"});
  f.evidence.push_back({"net.ipv4.ip_local_reserved_ports", "none seen", source_of(s)});
  f.cause = why;
  f.remedies.push_back(reserve(s, 0, 0));
  f.remedies.push_back(range_above_services(s, 0));
  return f;
}

std::optional<finding> from_listeners(const picture& seen, std::uint32_t ns) {
  const auto& s = seen.s;
  const auto& supply = seen.ports.supply(ns);
  if (supply.range_assumed) return std::nullopt;
  const auto reserved = s.namespaces[ns].reserved_ports();
  std::set<std::uint16_t> ports;
  const listener* first = nullptr;
  for (const auto& l : s.listeners) {
    const auto port = l.local.port;
    if (l.net_namespace != ns || !supply.range.contains(port) || reserved.contains(port)) continue;
    if (first == nullptr) first = &l;
    ports.insert(port);
  }
  if (ports.empty()) return std::nullopt;
  std::vector<std::string> named;
  named.reserve(ports.size());
  for (const auto port : ports) named.push_back(fmt::format("{}", port));
  finding f{.id = "listen-port-in-ephemeral-range",
            .severity = severity::info,
            .title = fmt::format("{} listened on {} in the range that connect() takes from ({}-{})",
                                 counted(ports.size(), "port"), ports.size() == 1 ? "is" : "are",
                                 supply.range.low, supply.range.high)};
  f.subject = ports.size() == 1 ? listener_subject(s, first->local, first->owner, ns)
                                : namespace_subject(s, ns);
  f.evidence.push_back(
      {"listened on, in the range and not reserved", listed(named, 8), source_of(s)});
  f.cause = why;
  constexpr std::size_t reserved_max = 64;
  tcp::port_set wanted;
  for (const auto port : ports | std::views::take(reserved_max)) wanted.insert(port);
  f.remedies.push_back(reserve_ports(s, ns, wanted, reserve_text));
  return f;
}

}  // namespace

findings listen_port_in_ephemeral_range(const picture& seen) {
  const auto& s = seen.s;
  if (auto failed = from_message(seen)) return {std::move(*failed)};
  if (auto low = from_setting(seen)) return {std::move(*low)};
  findings found;
  for (std::uint32_t ns = 0; ns < s.namespaces.size(); ++ns) {
    if (auto f = from_listeners(seen, ns)) found.push_back(std::move(*f));
  }
  if (found.size() > findings_max) found.resize(findings_max);
  return found;
}

}  // namespace waitstate::diagnosis
