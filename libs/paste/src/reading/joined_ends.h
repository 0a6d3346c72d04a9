#pragma once

#include <span>

#include "reading/row_store.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::paste {

/// What one host of several shows: its rows, and the snapshot that was made of them and of its
/// counts. Its name is the snapshot's.
struct shown_host {
  const packed_rows* rows = nullptr;
  snapshot* seen = nullptr;
};

/// Finds the sockets of several hosts that are two ends of one connection, and says in each
/// snapshot what is at the other end of its own:
///   by the addresses of both ends;
///   else by both ports, where so many of one service agree in them that it is no chance: a NAT
///   changed the addresses;
///   else by their number: FIN-WAIT-2 on one host and about as many CLOSE-WAIT on one other, with
///   the same service, of which neither rows nor addresses are shown.
/// A socket is joined once. Loopback connections have both ends on one host and are left alone.
void join_ends(std::span<const shown_host> hosts);

}  // namespace waitstate::paste
