#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "judgement/accept_queue.h"
#include "judgement/close_wait_piles.h"
#include "judgement/destination_use.h"
#include "judgement/undirected_close_wait.h"
#include "judgement/unread_by_port.h"
#include "waitstate/diagnosis/port_headroom.h"
#include "waitstate/snapshot/snapshot.h"
#include "waitstate/snapshot/watched_queue.h"

namespace waitstate::diagnosis {

/// A snapshot with what the rules conclude from it: made once for a diagnosis, so that each
/// conclusion is drawn once and no two rules disagree on it. Rules only read it.
///
/// What was watched after the look is in it too.
///
/// A snapshot converts to its picture, so that a rule can be asked about a snapshot alone. The
/// snapshot must outlive it.
struct picture {
  picture(const snapshot& seen, const std::vector<watched_queue>& watched = {});

  const snapshot& s;

  /// What connect() may choose from and take over, by namespace.
  port_table ports;
  /// Every destination that is connected to, the fullest first.
  std::vector<port_headroom> headrooms;
  /// The same, with the complaints about them and who connects.
  std::vector<destination_use> uses;
  /// TIME-WAIT sockets that the snapshot speaks of; and those of which neither end is known.
  std::uint64_t time_wait = 0;
  std::uint64_t unplaced_time_wait = 0;

  /// Did the source show who holds any socket, so that "nobody" means something?
  bool shows_owners = false;
  /// CLOSE-WAIT of connections we opened, by owner; and of those we accepted, by listening port.
  std::vector<holding> outbound;
  std::vector<pile> inbound;
  /// Listening ports whose connections nobody accepts.
  std::vector<stuck_port> stuck_ports;
  /// What arrived on listening ports and is not read.
  std::vector<unread_load> unread_loads;
  /// A count of CLOSE-WAIT that grows by about the same at every look.
  std::optional<steady_growth> growth;
  /// CLOSE-WAIT that does not say which end it is, with what it comes to. Never empty.
  std::vector<undirected_close_wait> undirected;
};

}  // namespace waitstate::diagnosis
