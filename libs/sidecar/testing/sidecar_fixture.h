#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "test_server.h"
#include "waitstate/base/fd.h"
#include "waitstate/client/core/endpoint.h"
#include "waitstate/sidecar/sidecar.h"

namespace waitstate::sidecar {

/// A sidecar of one route over loopback, and a client that speaks bytes.
class sidecar_fixture : public testing::Test {
 protected:
  using answer_to = std::function<std::string(std::string_view request)>;

  /// A server that answers each request of a connection; `what` runs on that connection's thread.
  static client::test_server::behaviour answering(answer_to what);
  /// Up to the empty line at the end of a head; what there is when the other side ends.
  static std::string read_request(int socket);
  static std::string read_exactly(int socket, std::size_t bytes);
  /// A frame of Thrift without its length; empty: the other side has ended.
  static std::string read_frame(int socket);
  static void reset_on_close(int socket);

  /// One route to the server, of HTTP unless `scheme_` says otherwise. `change` may set more of it.
  void start(const client::test_server& server, const std::function<void(route&)>& change = {});
  void start_to(const client::endpoint& server, const std::function<void(route&)>& change = {});
  [[nodiscard]] fd connected() const { return connected_to(front_); }
  [[nodiscard]] static fd connected_to(const client::endpoint& front);
  /// Sends it and reads until the end.
  [[nodiscard]] std::string ask(std::string_view request, bool* was_reset = nullptr) const;
  [[nodiscard]] std::uint64_t figure_of(std::string_view name) const;

  std::string scheme_ = "http";
  client::endpoint gone_;
  client::endpoint front_;
  std::unique_ptr<sidecar> running_;
};

}  // namespace waitstate::sidecar
