#include "words/doubt.h"

#include <utility>

#include <fmt/format.h>

namespace waitstate::diagnosis {

certainty likely(std::string other_cause, std::string decided_by) {
  return {.confidence = confidence::likely,
          .other_cause = std::move(other_cause),
          .decided_by = std::move(decided_by)};
}

certainty possible(std::string other_cause, std::string decided_by) {
  auto made = likely(std::move(other_cause), std::move(decided_by));
  made.confidence = confidence::possible;
  return made;
}

certainty taken_for_end(direction concluded) {
  const bool is_client = concluded == direction::outbound;
  return possible(is_client ? "these sockets are a server's, whose handlers do not close"
                            : "these sockets are a client's, which does not close what servers end",
                  "whether their local port is one that this host listens on: then they are a "
                  "server's");
}

certainty taken_for_client(const destination_use& use) {
  const auto port = use.headroom.destination.port;
  return likely("they are a server's, which hold no port of connect()",
                port == 0 ? std::string("whether this host listens on that port")
                          : fmt::format("whether this host listens on port {}", port));
}

certainty seen_in_a_sample() {
  return likely("many connections that are kept, and a few that ended",
                "counts of the whole table: ESTABLISHED to that destination beside TIME-WAIT");
}

certainty seen_full_once() {
  return likely("a burst that a program which keeps up was met in",
                "a second look some seconds later: what stands does not move");
}

certainty may_close_yet(direction side) {
  constexpr const char* second_look =
      "a second look, --interval 10s or the same command again: a leak stays or grows";
  return side == direction::inbound
             ? likely("a server that is slow and closes them when it gets to them", second_look)
             : likely("idle connections of a pool, which closes them when it looks at them next",
                      second_look);
}

certainty opener_concluded() {
  return likely("another program connects there, and was quiet while this one was watched",
                "the owners of open connections to it: `ss -tnp` while the load is on");
}

}  // namespace waitstate::diagnosis
