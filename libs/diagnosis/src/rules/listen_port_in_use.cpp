#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "advice/runtime_advice.h"
#include "advice/system.h"
#include "judgement/failed_listen.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "words/doubt.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

constexpr const char* in_use =
    "bind() or listen() failed with EADDRINUSE. Somebody listens on that port already; or, "
    "without SO_REUSEADDR, connections of the last run are not gone yet, TIME-WAIT included; or "
    "an outgoing connection happened to be given the port.";

constexpr const char* kept_away =
    "bind() failed with WSAEACCES (10013). The port is in a range that Windows has set aside "
    "(Hyper-V, WSL and Docker take such ranges at their start, and other ones after each boot), or "
    "another program has bound it with SO_EXCLUSIVEADDRUSE. netstat shows nobody on it in the "
    "first case.";

certainty certainty_of(const failed_listen& f) {
  if (f.holder != nullptr) return {};
  if (f.is_kept_away) {
    return likely("another program has bound it for itself alone (SO_EXCLUSIVEADDRUSE)",
                  "whether `netsh int ipv4 show excludedportrange protocol=tcp` has the port");
  }
  return likely("nobody listens: connections of the last run have the port, TIME-WAIT included",
                "whether a listener has the port while the service is down");
}

std::string title_of(const snapshot& s, const failed_listen& f) {
  const auto where = f.port == 0 ? std::string("its port") : fmt::format("port {}", f.port);
  if (f.holder != nullptr) {
    const auto owner = owner_text(s, f.holder->owner);
    return fmt::format("a service cannot listen on {}: {} listens there", where,
                       owner.empty() ? "another one" : owner);
  }
  if (f.is_kept_away) {
    return fmt::format("a service cannot listen on {}: Windows keeps it for somebody else", where);
  }
  if (f.time_wait > 0) {
    return fmt::format(
        "a service cannot listen on {}: it is in use, or connections of it are "
        "still in TIME-WAIT",
        where);
  }
  return fmt::format("a service cannot listen on {}: it is in use", where);
}

std::vector<remedy> remedies_for(const snapshot& s, const failed_listen& f) {
  const auto os = system_of(s);
  std::vector<remedy> remedies{
      {.text = "See who has the port, as root: a second copy of the service, another program, or "
               "a child that inherited the listening socket",
       .command = filled(advice_for(os).find_port_holder,
                         {.port = f.port == 0 ? "PORT" : std::to_string(f.port)}),
       .risk = {},
       .undo = {}}};
  if (os == os_family::windows) {
    remedies.push_back({.text = "Stop the other program, or let the service have another port. A "
                                "port in an excluded range (Hyper-V, WSL and Docker reserve some) "
                                "can be had by nobody",
                        .command = {},
                        .risk = {},
                        .undo = {}});
    return remedies;
  }
  remedies.push_back({.text = "Set SO_REUSEADDR before bind(), so that TIME-WAIT of the last run "
                              "does not keep the port (most servers do, tests and scripts often "
                              "do not)",
                      .command = "int on = 1;\n"
                                 "setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);\n"
                                 "# Java: serverSocket.setReuseAddress(true)  Python: "
                                 "allow_reuse_address = True\n",
                      .risk = {},
                      .undo = {}});
  remedies.push_back({.text = "Or wait until the old process has ended before starting the new "
                              "one; in TIME-WAIT that is a minute",
                      .command = {},
                      .risk = {},
                      .undo = {}});
  return remedies;
}

}  // namespace

findings listen_port_in_use(const picture& seen) {
  const auto& s = seen.s;
  const auto failed = failed_listens(s, seen.ports.supply(0));
  // One in the range of connect() has a cause of its own, and a finding.
  const auto f = std::ranges::find_if(failed, [](const failed_listen& l) {
    const bool is_anothers = l.holder != nullptr && !l.holder_takes_any_port;
    return !l.wants_any_port && (!l.is_in_range || l.is_kept_away || is_anothers);
  });
  if (f == failed.end()) return {};
  const auto endpoint = f->said->endpoint;
  finding made{.id = "listen-port-in-use",
               .severity = severity::critical,
               .title = title_of(s, *f),
               .subject = endpoint ? listener_subject(s, *endpoint, {}, 0) : host_subject(s)};
  made.certainty = certainty_of(*f);
  made.subject.process = f->said->program;
  made.evidence.push_back(message_evidence(*f->said));
  if (f->time_wait > 0) {
    made.evidence.push_back({.fact = f->port == 0 ? "in TIME-WAIT" : "in TIME-WAIT on that port",
                             .value = grouped(f->time_wait),
                             .source = source_of(s)});
  }
  if (f->open > 0) {
    made.evidence.push_back(
        {.fact = "open on that port", .value = grouped(f->open), .source = source_of(s)});
  }
  made.cause = f->is_kept_away ? kept_away : in_use;
  made.remedies = remedies_for(s, *f);
  return {made};
}

}  // namespace waitstate::diagnosis
