#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "waitstate/client/core/cluster_metrics.h"
#include "waitstate/client/core/ledger.h"
#include "waitstate/sidecar/config.h"

namespace waitstate::sidecar {

/// Something that a route counts, summed over its loops.
struct route_figure {
  std::string name;  ///< "http_requests_total"
  std::string label;
  std::string value;
  std::uint64_t count = 0;
};

/// A client that is connected now.
struct client_status {
  std::uint64_t number = 0;
  std::int64_t pid = 0;    ///< Of a unix socket.
  std::uint16_t port = 0;  ///< Of TCP.
  client::duration age{0};
  bool is_idle = false;
  std::uint64_t requests = 0;
  std::string pinned;  ///< The connection of its own that it holds; empty: none.
};

/// A route at one moment, all loops together.
struct route_status {
  route of;
  bool is_draining = false;
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;  ///< Clients past route::clients_max.
  std::vector<client_status> clients;
  std::vector<route_figure> figures;
  std::vector<client::cluster_metrics> servers;  ///< One for each loop.
  std::vector<client::ledger_entry> leases;
  std::set<client::endpoint> taken_out;  ///< Servers that somebody took out.
};

}  // namespace waitstate::sidecar
