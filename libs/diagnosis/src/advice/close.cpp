#include "advice/close.h"

#include <cstdint>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "advice/runtime_advice.h"
#include "advice/settings.h"
#include "advice/system.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// A name of a paste means nothing to a kernel, and :: is nobody's address.
bool is_numeric(const tcp::address& a) {
  const bool has_bytes = a.what() == tcp::address::kind::v4 || a.what() == tcp::address::kind::v6;
  return has_bytes && !a.is_unspecified();
}

peer_pattern peer_at(const tcp::endpoint& e) {
  const bool is_v6 = e.address.what() == tcp::address::kind::v6;
  return {.address = e.address,
          .prefix_bits = static_cast<std::uint8_t>(is_v6 ? 128 : 32),
          .name = {},
          .port = e.port};
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

remedy more_workers(runtime r) {
  return {.text =
              "Give what they wait for a time-out, and end a request that takes too long; then see "
              "whether the load needs more workers",
          .command = std::string(advice_for(r).workers),
          .risk = "each worker takes memory, and connections to what it calls"};
}

remedy show_holders(const snapshot& s) {
  return {.text =
              "See which program holds them, and on which side: a local port that is listened "
              "on makes it the server's, a remote one the client's",
          .command = std::string(advice_for(system_of(s)).list_close_wait)};
}

remedy list_descriptors(const snapshot& s, const process* owner) {
  const auto pid = pid_text(s, owner);
  return {.text = "See what the descriptors are, the most frequent kind first",
          .command = fmt::format("ls -l /proc/{}/fd | awk '{{print $NF}}' | sed 's/[0-9]\\+/N/g' "
                                 "| sort | uniq -c | sort -rn | head\n",
                                 pid)};
}

std::optional<remedy> close_from_outside(const snapshot& s, std::uint32_t net_namespace,
                                         direction side, const tcp::endpoint& endpoint) {
  if (system_of(s) != os_family::linux_kernel || endpoint.port == 0) return std::nullopt;
  socket_selector selected{.states = {tcp::state::close_wait}};
  // A command that is pasted runs in the namespace of who pastes it.
  if (net_namespace < s.namespaces.size()) {
    selected.net_namespace = s.namespaces[net_namespace].name;
  }
  if (side != direction::outbound) {
    selected.local_port = endpoint.port;
  } else if (is_numeric(endpoint.address)) {
    selected.peer = peer_at(endpoint);
  } else {
    selected.peer_port = endpoint.port;
  }
  return acting(
      "For now, close these sockets from outside: it frees ports and memory, not the descriptors",
      close_sockets{.selected = std::move(selected)},
      "the program keeps its descriptors and its pool entries until it closes them, and gets an "
      "error (or SIGPIPE) when it writes to one");
}

}  // namespace waitstate::diagnosis
