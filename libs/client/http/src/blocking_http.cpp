#include "waitstate/client/http/blocking_http.h"

#include <utility>

namespace waitstate::client {

blocking_http::blocking_http(io_threads& background, http_client_settings settings)
    : background_(background), http_(background.executor(), std::move(settings)) {}

blocking_http::~blocking_http() {
  http_.stop();
}

result<http_response> blocking_http::request(http_request request, http_call_options options) {
  return background_.wait(http_.request(std::move(request), std::move(options)));
}

result<http_response> blocking_http::request(http_request request, time_limit deadline,
                                             std::source_location where) {
  return this->request(std::move(request), {.deadline = deadline, .where = where});
}

blocking_http_service::blocking_http_service(io_threads& background, std::shared_ptr<cluster> over,
                                             http_settings settings)
    : background_(background), http_(std::move(over), std::move(settings)) {}

result<http_response> blocking_http_service::request(http_request request,
                                                     http_call_options options) {
  return background_.wait(http_.request(std::move(request), std::move(options)));
}

result<http_response> blocking_http_service::request(http_request request, time_limit deadline,
                                                     std::source_location where) {
  return this->request(std::move(request), {.deadline = deadline, .where = where});
}

}  // namespace waitstate::client
