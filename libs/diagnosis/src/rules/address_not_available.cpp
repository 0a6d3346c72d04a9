#include <string>

#include <fmt/format.h>

#include "advice/settings.h"
#include "advice/system.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/doubt.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// The address that the message names, where it names one of its own.
const tcp::address* named_address(const message& m) {
  const bool named =
      m.endpoint && m.endpoint->address.is_known() && !m.endpoint->address.is_unspecified();
  return named ? &m.endpoint->address : nullptr;
}

bool is_ipv6(const message& m) {
  const auto* named = named_address(m);
  return named != nullptr && named->what() == tcp::address::kind::v6;
}

std::string title_of(const snapshot& s, const message& m) {
  const auto* named = named_address(m);
  if (m.endpoint && m.endpoint->port == 0 && named != nullptr) {
    return fmt::format(
        "nothing can be reached at {}: port 0 is no port, or this host lacks the "
        "address",
        s.text_of(*m.endpoint));
  }
  if (m.endpoint && named != nullptr) {
    return fmt::format("this host has no address for {}", s.text_of(*m.endpoint));
  }
  return "a program asks for an address that this host does not have";
}

std::string cause_of(const message& m) {
  std::string text =
      "The call failed with EADDRNOTAVAIL about the address, not about ports: bind() and listen() "
      "need an address of this host (for want of a port they say EADDRINUSE), and connect() needs "
      "one that it may send from.";
  if (is_ipv6(m)) {
    text +=
        " For an IPv6 destination that means that no interface has an IPv6 address of its "
        "scope; [::1] is missing where IPv6 is off, as in many containers. Thousands of "
        "connections to it would be the other cause: no port left.";
  } else {
    text +=
        " The address was moved or never there, comes up after the program starts, or belongs "
        "to the host outside of the container.";
  }
  return text;
}

std::vector<remedy> remedies_for(const snapshot& s, const message& m) {
  const auto os = system_of(s);
  const auto& system = advice_for(os);
  std::vector<remedy> remedies{
      {.text = "See which addresses this host has", .command = std::string(system.list_addresses)}};
  if (is_ipv6(m)) {
    remedies.push_back({.text = "Use 127.0.0.1 instead of localhost, or turn IPv6 on for the "
                                "loopback interface",
                        .command = std::string(system.ipv6_switches),
                        .risk = {},
                        .undo = {}});
    return remedies;
  }
  remedies.push_back({.text = "Correct the address in the program's configuration: 0.0.0.0 or [::] "
                              "takes every address, and a destination needs its port",
                      .command = {},
                      .risk = "0.0.0.0 also listens where it was not meant to",
                      .undo = {}});
  if (os == os_family::linux_kernel) {
    remedies.push_back(
        sysctl_remedy(s, {.key = "net.ipv4.ip_nonlocal_bind",
                          .value = "1",
                          .text = "Where the address comes and goes (keepalived, a floating "
                                  "address), allow bind() without it",
                          .risk = "a wrong address in a configuration is then not noticed"}));
  }
  return remedies;
}

}  // namespace

findings address_not_available(const picture& seen) {
  const auto& s = seen.s;
  const auto* said = message_of(s, message_kind::address_not_local);
  if (said == nullptr) return {};
  finding f{.id = "address-not-available",
            .severity = severity::critical,
            .title = title_of(s, *said),
            .subject = host_subject(s)};
  if (is_ipv6(*said)) {
    f.certainty = likely("no port is left for it",
                         "how many sockets this host has to it: thousands mean ports");
  }
  f.subject.process = said->program;
  f.evidence.push_back(message_evidence(*said));
  f.cause = cause_of(*said);
  f.remedies = remedies_for(s, *said);
  return {f};
}

}  // namespace waitstate::diagnosis
