#include "advice/close.h"

#include <string>

#include <fmt/format.h>

#include "advice/runtime_advice.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// ss wants brackets around an IPv6 address and takes no name that is masked.
std::string ss_address(const tcp::address& a) {
  switch (a.what()) {
    case tcp::address::kind::v4: return to_string(a);
    case tcp::address::kind::v6: return a.is_unspecified() ? "" : fmt::format("[{}]", to_string(a));
    default: return {};
  }
}

}  // namespace

remedy close_on_every_path(runtime r) {
  return {.text =
              "Close the connection on every path, errors and time-outs too, and read each "
              "response to its end",
          .command = std::string(advice_for(r).close)};
}

remedy evict_idle(runtime r) {
  return {.text =
              "Let the pool drop idle connections before the peer does: an idle time-out below "
              "the server's keep-alive, a check before a connection is lent, a bound on its age",
          .command = std::string(advice_for(r).evict),
          .risk = "a little more connecting after quiet times"};
}

remedy close_in_handlers(runtime r) {
  return {.text =
              "Find the handler path that does not reach close() once the client has gone, and "
              "give every wait in it a time-out",
          .command = std::string(advice_for(r).serve),
          .risk = "a time-out that is too short cuts slow clients off"};
}

remedy show_threads(const snapshot& s, runtime r, const process* owner) {
  const auto known = advice_for(r);
  return {.text = "Look where its threads are: what they all wait for is what holds it up",
          .command = filled(known.threads, {.pid = pid_text(s, owner)}),
          .risk = std::string(known.threads.contains("gdb")
                                  ? "gdb stops the program for the moment of the dump"
                                  : known.threads_risk),
          .undo = std::string(known.threads_undo)};
}

remedy show_holders(const snapshot& s) {
  const auto* command = "ss -tnp state close-wait    # and: ss -tln for the listening ports\n";
  if (system_of(s) == os_family::windows) command = "netstat -ano | findstr CLOSE_WAIT\n";
  if (system_of(s) == os_family::macos) command = "lsof -nP -iTCP -sTCP:CLOSE_WAIT\n";
  return {.text =
              "See which program holds them, and on which side: a local port that is listened "
              "on makes it the server's, a remote one the client's",
          .command = command};
}

remedy list_descriptors(const snapshot& s, const process* owner) {
  const auto pid = pid_text(s, owner);
  return {.text = "See what the descriptors are, the most frequent kind first",
          .command = fmt::format("ls -l /proc/{}/fd | awk '{{print $NF}}' | sed 's/[0-9]\\+/N/g' "
                                 "| sort | uniq -c | sort -rn | head\n",
                                 pid)};
}

std::optional<remedy> close_from_outside(const snapshot& s, direction side,
                                         const tcp::endpoint& endpoint) {
  if (system_of(s) != os_family::linux_kernel || endpoint.port == 0) return std::nullopt;
  const bool is_outbound = side == direction::outbound;
  auto filter = fmt::format("{} = :{}", is_outbound ? "dport" : "sport", endpoint.port);
  const auto address = ss_address(endpoint.address);
  if (is_outbound && !address.empty()) filter = fmt::format("dst {} and {}", address, filter);
  return remedy{
      .text =
          "For now, close these sockets from outside: it frees ports and memory, not the "
          "descriptors",
      .command = fmt::format("ss -tn state close-wait '( {0} )'    # first look at what it hits\n"
                             "ss -K -tn state close-wait '( {0} )'\n",
                             filter),
      .risk =
          "the program keeps its descriptors and its pool entries until it closes them, and "
          "gets an error (or SIGPIPE) when it writes to one",
      .undo = "nothing brings a closed connection back"};
}

}  // namespace waitstate::diagnosis
