#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/core/pool.h"
#include "waitstate/client/thrift/thrift_caller.h"
#include "waitstate/client/thrift/thrift_frame.h"

namespace waitstate::client {

class mux_connection;

struct mux_settings {
  std::uint32_t message_max = thrift_frame_max;  ///< Of a message in either direction.
  std::uint32_t connections_per_server = 1;      ///< Shared by all calls, in turn; 1 to 64.
  /// Calls on one connection without their reply. When more than half of them were given up, and
  /// the server has not answered that either, the connection is replaced.
  std::uint32_t outstanding_max = 10'000;
  /// Bytes that wait to be written to one connection. Past it calls are refused, and a server that
  /// asks on (pings) without reading the answers loses the connection.
  std::size_t unsent_max = std::size_t{64} << 20;
  duration connect_time_max = std::chrono::seconds(3);  ///< The handshake included.
  /// How often a connection is pinged, and how long the answer may take before the connection is
  /// given up; 0: never.
  duration ping_every = std::chrono::seconds(5);
  duration ping_answer_max = std::chrono::seconds(4);  ///< See ping_every.

  // What servers are told with each call.
  std::string client_id{};    ///< "web.prod"
  std::string dest{};         ///< "/s/search"
  bool send_deadline = true;  ///< The call's deadline, as a context.
};

/// Calls over ThriftMux: many at once over one connection to each server of a cluster.
///
/// A call that the server refuses (a nack) goes to another server, idempotent or not, as does one
/// that was not written when its connection ended. A server that drains gets no new calls and
/// finishes those it has. A call whose deadline passes is discarded: the server is told.
///
/// Any thread may call any member. close() it before the executor ends.
class mux_channel final : public thrift_caller, public std::enable_shared_from_this<mux_channel> {
 public:
  /// Pool settings whose connections are greeted as Mux; for cluster_settings::pool. A server that
  /// does not speak Mux fails with "greet host:port: ...".
  [[nodiscard]] static pool_settings greeted(pool_settings settings);

  /// Over a cluster whose pools are greeted(). Fails when the settings make no sense.
  [[nodiscard]] static result<std::shared_ptr<mux_channel>> make(std::shared_ptr<cluster> over,
                                                                 mux_settings settings = {});
  ~mux_channel() override;

  using thrift_caller::call;
  [[nodiscard]] task<std::string> call(std::string message, call_options options,
                                       std::shared_ptr<thrift_call_facts> facts) override;

  /// Ends all connections; calls under way fail.
  void close();

  [[nodiscard]] const std::shared_ptr<cluster>& over() const { return over_; }

 private:
  struct place;
  struct request;
  using connection_or_why = result<std::shared_ptr<mux_connection>>;

  mux_channel(std::shared_ptr<cluster> over, mux_settings settings);

  static task<std::string> attempt_once(std::shared_ptr<mux_channel> self,
                                        std::shared_ptr<request> sent, attempt* a);
  static task<std::shared_ptr<mux_connection>> connection_to(std::shared_ptr<mux_channel> self,
                                                             endpoint to, time_point deadline);
  static asio::awaitable<void> connect(std::shared_ptr<mux_channel> self,
                                       std::shared_ptr<place> at);
  void drain_those_that_left();

  const std::shared_ptr<cluster> over_;
  const mux_settings settings_;
  std::mutex lock_;
  std::map<endpoint, std::vector<std::shared_ptr<place>>> places_;
  std::uint32_t turn_ = 0;
  bool is_closed_ = false;
};

}  // namespace waitstate::client
