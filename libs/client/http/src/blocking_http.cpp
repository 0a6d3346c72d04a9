#include "waitstate/client/http/blocking_http.h"

#include <utility>

namespace waitstate::client {

blocking_http::blocking_http(client& background, http_client_settings settings)
    : background_(background), http_(background.executor(), std::move(settings)) {}

blocking_http::~blocking_http() {
  http_.stop();
}

result<http_response> blocking_http::request(http_request request, duration within,
                                             http_call_options options) {
  options.deadline = saturating_add(clock::now(), within);
  return background_.wait(http_.request(std::move(request), std::move(options)));
}

result<http_response> blocking_http::get(std::string url, duration within,
                                         std::source_location where) {
  return background_.wait(http_.get(std::move(url), saturating_add(clock::now(), within), where));
}

result<http_response> blocking_http::head(std::string url, duration within,
                                          std::source_location where) {
  return background_.wait(http_.head(std::move(url), saturating_add(clock::now(), within), where));
}

result<http_response> blocking_http::put(std::string url, std::string body,
                                         std::string content_type, duration within,
                                         std::source_location where) {
  return background_.wait(http_.put(std::move(url), std::move(body), std::move(content_type),
                                    saturating_add(clock::now(), within), where));
}

result<http_response> blocking_http::post(std::string url, std::string body,
                                          std::string content_type, duration within,
                                          std::source_location where) {
  return background_.wait(http_.post(std::move(url), std::move(body), std::move(content_type),
                                     saturating_add(clock::now(), within), where));
}

result<http_response> blocking_http::remove(std::string url, duration within,
                                            std::source_location where) {
  return background_.wait(
      http_.remove(std::move(url), saturating_add(clock::now(), within), where));
}

}  // namespace waitstate::client
