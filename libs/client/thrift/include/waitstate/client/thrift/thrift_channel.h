#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/core/pool.h"
#include "waitstate/client/core/random.h"
#include "waitstate/client/thrift/thrift_caller.h"
#include "waitstate/client/thrift/thrift_frame.h"
#include "waitstate/client/thrift/twitter_upgrade.h"

namespace waitstate::client {

struct thrift_settings {
  /// Of a message in either direction, headers included.
  std::uint32_t frame_max = thrift_frame_max;
  /// Ask each new connection for Finagle's upgrade, which costs one round trip. Both kinds of
  /// server understand the question; one that hangs up on it is used as plain Thrift, on another
  /// connection, and not asked again for `plain_for`.
  bool attempt_upgrade = true;
  duration plain_for = std::chrono::minutes(10);  ///< See attempt_upgrade.
  /// Messages in TBinaryProtocol get a number of their own on the way, and the caller's again on
  /// the way back (generated clients number nothing), so that a late reply is recognized. Off for
  /// servers that do not repeat the number. Without it, and in TCompactProtocol, a connection is
  /// dropped after a oneway message, as what some servers answer one with could not be told from
  /// the reply to the next call.
  bool own_seqids = true;

  // What upgraded servers are told.
  std::string client_id{};    ///< "web.prod"
  std::string dest{};         ///< "/s/search"
  bool send_deadline = true;  ///< The call's deadline, as a context.
  /// Changes the header of each attempt: trace ids (random otherwise), contexts. On the
  /// executor's threads.
  std::function<void(twitter_request_header&)> fill_header{};
};

/// Calls over framed Thrift, one at a time on each connection, balanced over a cluster's servers,
/// plain or upgraded ones, as each connection has it.
///
/// A connection goes back to its pool when the reply to its call has come and nothing else;
/// otherwise it is dropped. A reply with another number or of another method than the call's is
/// errc::corrupt. Any thread may call any member.
class thrift_channel final : public thrift_caller,
                             public std::enable_shared_from_this<thrift_channel> {
 public:
  /// Pool settings whose connections are greeted as `how` says; for cluster_settings::pool.
  [[nodiscard]] static pool_settings greeted(pool_settings settings, thrift_settings how);

  /// Over a cluster whose pools are greeted() with the same settings (or not at all: then every
  /// server is plain).
  [[nodiscard]] static std::shared_ptr<thrift_channel> make(std::shared_ptr<cluster> over,
                                                            thrift_settings settings = {});

  using thrift_caller::call;
  /// An answer of TApplicationException that says that the server failed (is_server_failure())
  /// counts against the server. A oneway message is done once it is written.
  [[nodiscard]] task<std::string> call(std::string message, call_options options,
                                       std::shared_ptr<thrift_call_facts> facts) override;

  [[nodiscard]] const std::shared_ptr<cluster>& over() const { return over_; }

 private:
  struct request;

  thrift_channel(std::shared_ptr<cluster> over, thrift_settings settings);

  static task<std::string> attempt_once(std::shared_ptr<thrift_channel> self,
                                        std::shared_ptr<request> sent, attempt* a);
  [[nodiscard]] std::string header(time_point deadline, const call_record* told);
  [[nodiscard]] std::int32_t next_seqid();
  [[nodiscard]] error too_large(std::size_t size) const;

  const std::shared_ptr<cluster> over_;
  const thrift_settings settings_;
  std::atomic<std::uint32_t> seqid_{0};
  std::mutex lock_;
  random_source random_;
};

}  // namespace waitstate::client
