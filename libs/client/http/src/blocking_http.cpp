#include "waitstate/client/http/blocking_http.h"

#include <functional>
#include <utility>

#include "waitstate/client/core/io_threads_wait.h"
#include "waitstate/client/http/http_client.h"
#include "waitstate/client/http/http_service.h"

namespace waitstate::client {
namespace {

/// The body goes to its sink on the caller's thread, piece by piece.
template <class Http>
result<http_response> request_in_parts(io_threads& background, const Http& http,
                                       http_request request, http_call_options options) {
  const auto sink = std::exchange(options.on_body, nullptr);
  auto stream = background.wait(http.open(std::move(request), std::move(options)));
  if (!stream) return failure(std::move(stream).error());
  for (;;) {
    const auto piece = background.wait(stream->read());
    if (!piece) return failure(piece.error());
    if (piece->empty()) return stream->head();
    if (auto taken = sink(stream->head(), *piece); !taken) return failure(std::move(taken).error());
  }
}

template <class Http>
result<http_response> request_of(io_threads& background, const Http& http, http_request request,
                                 http_call_options options) {
  if (options.on_body) {
    return request_in_parts(background, http, std::move(request), std::move(options));
  }
  return background.wait(http.request(std::move(request), std::move(options)));
}

}  // namespace

blocking_http::blocking_http(io_threads& background)
    : blocking_http(background, http_client_settings()) {}

blocking_http::blocking_http(io_threads& background, http_client_settings settings)
    : background_(background),
      http_(std::make_unique<http_client>(background.executor(), std::move(settings))) {}

blocking_http::~blocking_http() {
  http_->stop();
}

result<http_response> blocking_http::request(http_request request, http_call_options options) {
  return request_of(background_, *http_, std::move(request), std::move(options));
}

result<http_response> blocking_http::request(http_request request, time_limit deadline,
                                             std::source_location where) {
  return this->request(std::move(request), {.deadline = deadline, .where = where});
}

blocking_http_service::blocking_http_service(io_threads& background, std::shared_ptr<cluster> over)
    : blocking_http_service(background, std::move(over), http_settings()) {}

blocking_http_service::blocking_http_service(io_threads& background, std::shared_ptr<cluster> over,
                                             http_settings settings)
    : background_(background),
      http_(std::make_shared<http_service>(std::move(over), std::move(settings))) {}

result<http_response> blocking_http_service::request(http_request request,
                                                     http_call_options options) {
  return request_of(background_, *http_, std::move(request), std::move(options));
}

result<http_response> blocking_http_service::request(http_request request, time_limit deadline,
                                                     std::source_location where) {
  return this->request(std::move(request), {.deadline = deadline, .where = where});
}

}  // namespace waitstate::client
