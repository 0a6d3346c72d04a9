#pragma once

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/endpoint_source.h"

namespace waitstate::client {

/// A file that parse_endpoint_list() reads, read again when it or its folder changes: written in
/// place, replaced by a rename, or a link that moves. Over 1 MiB it is refused.
///
/// Fails when the file's folder cannot be watched; a file that is missing or wrong only makes the
/// set stale.
[[nodiscard]] result<std::shared_ptr<endpoint_source>> file_source(asio::any_io_executor executor,
                                                                   std::string path);

}  // namespace waitstate::client
