#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/core/endpoint.h"

namespace waitstate::client {

/// What happened to one call, for whoever wants to know. Complete once the call's task is done.
struct thrift_call_facts {
  std::uint32_t attempts = 0;  ///< That had a connection; 0: no server could be reached.
  endpoint to{};               ///< Of the last of them.
  bool is_reused = false;      ///< The connection of the last of them had carried a call before.
};

/// Whoever can send a Thrift message to a service and bring the reply: thrift_channel, mux_channel.
class thrift_caller {
 public:
  thrift_caller() = default;
  thrift_caller(const thrift_caller&) = delete;
  thrift_caller& operator=(const thrift_caller&) = delete;
  virtual ~thrift_caller() = default;

  /// Sends `message`, a whole Thrift message of type call or oneway in any protocol, without a
  /// frame length, and gives the reply, of type reply or exception; empty for oneway. An exception
  /// is a value: it belongs to the caller.
  ///
  /// Fails with errc::invalid_input for a message that is none or too large, errc::corrupt when
  /// the server's answer is none, and errc::unavailable: no server, no answer in time. What was
  /// not answered is sent again, to another server, where decide_retry() allows it.
  [[nodiscard]] virtual task<std::string> call(std::string message, call_options options,
                                               std::shared_ptr<thrift_call_facts> facts) = 0;
  [[nodiscard]] task<std::string> call(std::string message, call_options options) {
    return call(std::move(message), std::move(options), nullptr);
  }
};

}  // namespace waitstate::client
