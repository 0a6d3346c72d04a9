#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "waitstate/client/core/cluster.h"
#include "waitstate/sidecar/config.h"

namespace waitstate::sidecar {

namespace asio = boost::asio;

/// The servers of a route, as the client library keeps them: pools, balancing, ejection, retries.
/// Its connections are closed so that no TIME-WAIT stays here. run() is for the caller to spawn.
[[nodiscard]] result<std::shared_ptr<client::cluster>> make_upstream(asio::any_io_executor executor,
                                                                     const route& of);

}  // namespace waitstate::sidecar
