#pragma once

#include <memory>

#include "thrift/thrift_service.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/sidecar/config.h"

namespace waitstate::sidecar {

/// Pool settings whose connections are greeted as the route's servers want it.
[[nodiscard]] client::pool_settings greeted_as_thrift(client::pool_settings settings,
                                                      const thrift_options& how);

/// What calls the servers of a cluster that has those.
[[nodiscard]] thrift_service::caller make_thrift_caller(std::shared_ptr<client::cluster> over,
                                                        const thrift_options& how);

}  // namespace waitstate::sidecar
