#pragma once

#include <memory>
#include <source_location>

#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/io_threads.h"
#include "waitstate/client/http/http_message.h"

namespace waitstate::client {

class cluster;
class http_client;
class http_service;
struct http_call_options;
struct http_client_settings;
struct http_settings;

/// http_client for plain threads:
///
///     io_threads background;
///     blocking_http http(background);
///     const auto got = http.request(http_get("http://127.0.0.1:8080/x"), 2s);
///
/// Each call blocks its thread until the response is whole or the time is over. Its `on_body` runs
/// on that thread, so that one which takes its time delays nobody else; for hooks such a call ends
/// with the header, as that of a stream does. Any thread but the io_threads' own may call any
/// member; ends before those do.
class blocking_http {
 public:
  explicit blocking_http(io_threads& background);
  blocking_http(io_threads& background, http_client_settings settings);
  ~blocking_http();
  blocking_http(const blocking_http&) = delete;
  blocking_http& operator=(const blocking_http&) = delete;

  [[nodiscard]] result<http_response> request(http_request request, http_call_options options);
  /// request(http_get("http://10.0.0.7/x"), 2s)
  [[nodiscard]] result<http_response> request(
      http_request request, time_limit deadline,
      std::source_location where = std::source_location::current());

  /// The coroutine face of the same, for metrics and streams.
  [[nodiscard]] const http_client& coroutines() const { return *http_; }

 private:
  io_threads& background_;
  const std::unique_ptr<const http_client> http_;
};

/// http_service for plain threads: one cluster, wherever its servers come from, ZooKeeper and unix
/// sockets too. Targets are paths:
///
///     io_threads background;
///     auto over = background.make_cluster(static_source({{.at = {.host = "/run/app.sock"}}}), {});
///     blocking_http_service app(background, *over);
///     const auto got = app.request(http_get("/x"), 2s);
///
/// As blocking_http, but that the cluster goes on when this ends.
class blocking_http_service {
 public:
  blocking_http_service(io_threads& background, std::shared_ptr<cluster> over);
  blocking_http_service(io_threads& background, std::shared_ptr<cluster> over,
                        http_settings settings);

  [[nodiscard]] result<http_response> request(http_request request, http_call_options options);
  /// request(http_get("/x"), 2s)
  [[nodiscard]] result<http_response> request(
      http_request request, time_limit deadline,
      std::source_location where = std::source_location::current());

  /// The coroutine face of the same, for metrics and streams.
  [[nodiscard]] const http_service& coroutines() const { return *http_; }

 private:
  io_threads& background_;
  const std::shared_ptr<const http_service> http_;
};

}  // namespace waitstate::client
