#pragma once

#include <string_view>

#include "facts/client_limit.h"
#include "facts/haproxy_stat.h"
#include "facts/pgbouncer_pools.h"
#include "facts/server_status.h"
#include "facts/stub_status.h"
#include "reading/source_list.h"
#include "waitstate/snapshot/snapshot_builder.h"

namespace waitstate::paste {

/// Files what lines tell of pools, of a proxy's limits, and of the connections that a firewall
/// tracks.
class pool_reader {
 public:
  pool_reader(snapshot_builder& builder, source_list& sources)
      : builder_(builder), sources_(sources) {}

  // Each takes a line if it is of its kind.
  bool take_stat(std::string_view line);  ///< Its heading reads like a command of root's.
  bool take_tracked(std::string_view line);
  bool take_gauge(std::string_view line);
  /// A line that shows a pool may be an error too: it is filed here and not taken.
  void look_at(std::string_view line);

  /// After the last line.
  void finish();

 private:
  snapshot_builder& builder_;
  source_list& sources_;
  haproxy_stat haproxy_;
  pgbouncer_pools pgbouncer_;
  stub_status nginx_;
  server_status workers_;
  client_limit clients_;
};

}  // namespace waitstate::paste
