#include "waitstate/client/http/blocking_http.h"

#include <utility>

namespace waitstate::client {

blocking_http::blocking_http(io_threads& background, http_client_settings settings)
    : background_(background), http_(background.executor(), std::move(settings)) {}

blocking_http::~blocking_http() {
  http_.stop();
}

result<http_response> blocking_http::request(http_request request, duration within,
                                             http_call_options options) {
  options.deadline = saturating_add(clock::now(), within);
  return background_.wait(http_.request(std::move(request), std::move(options)));
}

}  // namespace waitstate::client
