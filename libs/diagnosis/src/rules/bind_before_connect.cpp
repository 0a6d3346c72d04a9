#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "advice/ports.h"
#include "judgement/failed_listen.h"
#include "judgement/server_family.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "waitstate/diagnosis/port_headroom.h"
#include "words/doubt.h"
#include "words/finding_text.h"
#include "words/port_text.h"

namespace waitstate::diagnosis {
namespace {

/// Fewer ports than this prove nothing: parity and overlap may be chance.
constexpr std::uint64_t ports_min = 50;
/// A count of ports that is this share of the range stands for all of it: it changes while one
/// counts.
constexpr std::uint64_t whole_range_percent = 98;
/// From this share of the range on the next bind() may fail.
constexpr std::uint64_t failing_percent = 95;

/// The connections from one source address and the ports they have.
struct source_use {
  std::uint32_t net_namespace = 0;
  tcp::address address;
  std::uint64_t connections = 0;
  std::uint64_t ports = 0;          ///< Different ones, of the range and not reserved.
  std::uint64_t first_parity = 0;   ///< Of the range's first port: what connect() takes first.
  std::uint64_t second_parity = 0;  ///< What bind() takes first.
  std::size_t destinations = 0;
  std::uint64_t option_on = 0;
  owner_ref owner;
  const waitstate::opener* opener =
      nullptr;  ///< Where no owner is seen: who opens sockets there now.
};

void add_groups(const snapshot& s, source_use& use) {
  std::set<tcp::endpoint> destinations;
  std::uint64_t most = 0;
  for (const auto& group : s.groups) {
    const auto& key = group.key;
    if (key.direction != direction::outbound || key.net_namespace != use.net_namespace ||
        key.local.address != use.address) {
      continue;
    }
    destinations.insert(key.remote);
    use.option_on += group.no_port_option_on;
    if (key.owner.kind == ownership::owned && group.count > most) {
      most = group.count;
      use.owner = key.owner;
    }
  }
  use.destinations = destinations.size();
  if (use.owner.kind == ownership::owned) return;
  const auto busiest = std::ranges::find_if(s.openers, [&](const opener& one) {
    const owner_ref owner{.kind = ownership::owned, .process = one.process};
    const bool accepts_there = std::ranges::any_of(destinations, [&](const tcp::endpoint& to) {
      return serves(s, owner, use.net_namespace, to.port);
    });
    return one.net_namespace == use.net_namespace && !accepts_there;
  });
  if (busiest == s.openers.end()) return;
  use.opener = &*busiest;
  use.owner = {.kind = ownership::owned, .process = busiest->process};
}

source_use use_of(const snapshot& s, const source_address& source, const port_supply& supply) {
  source_use use{.net_namespace = source.net_namespace,
                 .address = source.address,
                 .connections = source.connections};
  const auto parity = supply.range.low % 2U;
  use.first_parity = source.ports.count_in(supply.range, parity);
  use.second_parity = source.ports.count_in(supply.range, 1 - parity);
  use.ports = source.ports_counted.value_or(use.first_parity + use.second_parity);
  add_groups(s, use);
  return use;
}

/// connect() gives a port to several destinations; after bind() each has one connection. With
/// ports chosen by connect() so many connections would share some.
bool no_port_is_shared(const source_use& use, const port_supply& supply) {
  // A paste that counts the ports of one source address, and they are all of them.
  if (use.connections == 0) return use.ports * 100 >= supply.usable() * whole_range_percent;
  if (use.destinations < 2 || use.ports < ports_min || use.connections > use.ports) return false;
  return use.ports * 2 >= supply.usable();
}

/// bind() starts with the other parity than connect() and changes over only when that is full.
bool has_the_parity_of_bind(const source_use& use, const port_supply& supply) {
  // So many and not one of the other parity are no chance, however large the range.
  constexpr std::uint64_t beyond_chance = 500;
  // A quarter of the range in use, hardly any of it connect()'s own half, and that half not full:
  // else connect() would have gone on to the other half by itself.
  constexpr std::uint64_t part_in_use = 4;
  constexpr std::uint64_t for_each_of_connect = 10;
  const bool enough = use.second_parity >= ports_min && use.ports * part_in_use >= supply.usable();
  if (use.second_parity >= beyond_chance && use.first_parity == 0) return true;
  return enough && use.second_parity > use.first_parity * for_each_of_connect &&
         use.first_parity * 2 < supply.usable() / 2;
}

void add_source_evidence(const snapshot& s, const source_use& use, const port_supply& supply,
                         finding& f) {
  const auto where = source_of(s);
  if (use.connections == 0) {
    f.evidence.push_back({"ports in use from " + s.text_of(use.address),
                          fmt::format("{} of {}", grouped(use.ports), grouped(supply.usable())),
                          where});
    return;
  }
  f.evidence.push_back(
      {"ports in use from " + s.text_of(use.address),
       fmt::format("{} of {}, for {} to {}", grouped(use.ports), grouped(supply.usable()),
                   counted(use.connections, "connection"),
                   counted(use.destinations, "destination")),
       where});
  f.evidence.push_back({"parity of these ports",
                        fmt::format("{} as connect() takes first, {} as bind() takes first",
                                    grouped(use.first_parity), grouped(use.second_parity)),
                        where});
}

constexpr const char* why =
    "The program calls bind() with port 0 before connect(). The kernel must then choose a port "
    "that "
    "nobody else has on that address, without knowing the destination: all destinations share one "
    "pool of ports, TIME-WAIT included, and bind() fails with EADDRINUSE when it is empty.";

finding from_source(const snapshot& s, const source_use& use, const port_supply& supply) {
  const auto* said = message_of(s, message_kind::address_in_use_on_bind);
  const bool failing = said != nullptr || use.ports * 100 >= supply.usable() * failing_percent;
  finding f{.id = "bind-before-connect",
            .severity = failing ? severity::critical : severity::warning,
            .certainty = said != nullptr
                             ? certainty{}
                             : likely("ports that connect() chose, and which are shared by chance "
                                      "so little",
                                      fmt::format("`strace -f -e trace=bind,connect -p {}`: a "
                                                  "bind() to port 0 before each connect()",
                                                  pid_text(s, s.owner_of(use.owner)))),
            .title = fmt::format(
                "{} of {} ports of {} are in use, bound before connect(): {} them",
                grouped(use.ports), grouped(supply.usable()), s.text_of(use.address),
                use.destinations < 2 ? std::string("all destinations share")
                                     : fmt::format("{} destinations share", use.destinations))};
  f.subject = use.owner.kind == ownership::owned ? process_subject(s, use.owner)
                                                 : namespace_subject(s, use.net_namespace);
  if (said != nullptr) f.evidence.push_back(message_evidence(*said));
  add_source_evidence(s, use, supply, f);
  if (use.opener != nullptr) f.evidence.push_back(opener_evidence(s, *use.opener));
  f.cause = why;
  const auto by_owner = runtime_of_owner(s, use.owner);
  const bool ask_message = by_owner == runtime::unknown && said != nullptr;
  f.remedies = bind_without_port(ask_message ? runtime_of_message(*said) : by_owner);
  return f;
}

/// The source address that a failing bind() names, when its ports were counted.
const source_address* source_named(const snapshot& s, const message& m) {
  const auto found = std::ranges::find_if(s.sources, [&](const source_address& source) {
    return m.endpoint && source.address == m.endpoint->address;
  });
  return found == s.sources.end() ? nullptr : &*found;
}

finding from_message(const picture& seen, const message& m) {
  const auto& s = seen.s;
  const auto& supply = seen.ports.supply(0);
  const bool named = m.endpoint && m.endpoint->address.is_known();
  finding f{.id = "bind-before-connect",
            .severity = severity::critical,
            .certainty = likely("the program binds a port by its number, and the last connection "
                                "from it is in TIME-WAIT",
                                "the port in its bind(): 0, or a number"),
            .title = fmt::format("bind() before connect() finds no free port{}",
                                 named ? " on " + s.text_of(m.endpoint->address) : std::string()),
            .subject = host_subject(s)};
  f.subject.process = m.program;
  f.evidence.push_back(message_evidence(m));
  if (const auto* source = source_named(s, m)) {
    add_source_evidence(s, use_of(s, *source, supply), supply, f);
  }
  f.evidence.push_back(
      {"port range",
       fmt::format("{}-{}: {}{}", supply.range.low, supply.range.high, counted(supply.size, "port"),
                   supply.range_assumed ? " (assumed)" : ""),
       supply.range_assumed ? "assumed" : "sysctl"});
  f.cause = why;
  f.remedies = bind_without_port(runtime_of_message(m));
  return f;
}

}  // namespace

findings bind_before_connect(const picture& seen) {
  const auto& s = seen.s;
  findings found;
  for (const auto& source : s.sources) {
    const auto& supply = seen.ports.supply(source.net_namespace);
    const auto use = use_of(s, source, supply);
    if (use.option_on * 2 > use.connections) continue;
    if (!no_port_is_shared(use, supply) && !has_the_parity_of_bind(use, supply)) continue;
    found.push_back(from_source(s, use, supply));
    if (found.size() == findings_max) break;
  }
  const auto* m = message_of(s, message_kind::address_in_use_on_bind);
  if (found.empty() && m != nullptr) found.push_back(from_message(seen, *m));
  for (const auto& failed : failed_listens(s, seen.ports.supply(0))) {
    if (found.empty() && failed.wants_any_port) found.push_back(from_message(seen, *failed.said));
  }
  return found;
}

}  // namespace waitstate::diagnosis
