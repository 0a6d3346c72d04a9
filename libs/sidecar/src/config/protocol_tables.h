#pragma once

#include "waitstate/base/result.h"
#include "waitstate/config/toml_table.h"
#include "waitstate/sidecar/config.h"

namespace waitstate::sidecar {

/// The tables of a route that are of one protocol alone, into `r`, whose servers are known by then:
/// a table that does not belong to them is an error.
[[nodiscard]] result<> read_tls(const waitstate::config::toml_table& t, route& r);
[[nodiscard]] result<> read_redis(const waitstate::config::toml_table& t, route& r);
[[nodiscard]] result<> read_thrift(const waitstate::config::toml_table& t, route& r);

}  // namespace waitstate::sidecar
