#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "front/steered_source.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/sidecar/config.h"

namespace waitstate::sidecar {

namespace asio = boost::asio;

/// The servers of a route: a cluster, and what steers which of them it knows.
struct upstream {
  std::shared_ptr<steered_source> source;
  std::shared_ptr<client::cluster> servers;
};

/// Pools, balancing, ejection and retries are the client library's. Connections are closed so that
/// no TIME-WAIT stays here. The cluster's run() is for the caller to spawn.
[[nodiscard]] result<upstream> make_upstream(const asio::any_io_executor& executor,
                                             const route& of);

}  // namespace waitstate::sidecar
