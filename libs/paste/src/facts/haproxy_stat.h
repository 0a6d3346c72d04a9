#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/snapshot/connection_pool.h"

namespace waitstate::paste {

/// Reads HAProxy's `show stat`, a line at a time: a heading, and a row of CSV for each frontend,
/// server and backend. What a server is allowed (maxconn) is a pool of connections to it, what a
/// frontend is allowed one of workers; without a limit they are none.
///   # pxname,svname,qcur,qmax,scur,smax,slim,stot,...
///   app,srv1,12,40,30,30,30,90210,...
class haproxy_stat {
 public:
  /// Takes a heading or a row; false where the line is neither.
  bool read(std::string_view line);
  /// The pool of the row that was read last, where it is one.
  [[nodiscard]] const std::optional<connection_pool>& pool() const { return pool_; }

 private:
  [[nodiscard]] std::string_view field(const std::vector<std::string_view>& row,
                                       std::string_view name) const;

  std::vector<std::string> heading_;  ///< Names of the columns; empty before the heading.
  std::optional<connection_pool> pool_;
};

}  // namespace waitstate::paste
