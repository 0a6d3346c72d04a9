#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <thrift/transport/TTransport.h>
#include <thrift/transport/TVirtualTransport.h>

#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/io_threads.h"
#include "waitstate/client/thrift/thrift_caller.h"
#include "waitstate/client/thrift/thrift_frame.h"

namespace waitstate::client {

struct thrift_transport_settings {
  duration call_time_max = std::chrono::seconds(1);  ///< The deadline of each call, from flush().
  /// The calls may be sent again when there was no answer; see set_idempotent().
  bool is_idempotent = false;
  std::uint32_t message_max = thrift_frame_max;  ///< Of what a call writes.
};

/// A service behind a thrift_caller as a transport for the clients that Apache Thrift generates:
///
///     auto transport = std::make_shared<thrift_transport>(client, channel);
///     search_client
///     search(std::make_shared<apache::thrift::protocol::TBinaryProtocol>(transport));
///     search.find(answer, "query");
///
/// What the generated client writes is kept until flush(), which does the whole call: takes a
/// connection, sends, waits for the reply, gives the connection back. So each call may go to
/// another server, and threads that each have a transport of their own share connections. No
/// framed or buffered transport belongs around it.
///
/// For one thread at a time; not for a thread of `with`. Both arguments outlive it.
///
/// Fails with TTransportException: TIMED_OUT past the deadline, NOT_OPEN when no server could be
/// reached, END_OF_FILE when a connection ended before the reply, CORRUPTED_DATA for an answer
/// that is none, BAD_ARGS for a message over the limit. The next call can be made at once.
class thrift_transport final
    : public apache::thrift::transport::TVirtualTransport<thrift_transport> {
 public:
  thrift_transport(io_threads& with, std::shared_ptr<thrift_caller> over,
                   thrift_transport_settings settings = {});

  [[nodiscard]] bool isOpen() const override { return is_open_; }
  [[nodiscard]] bool peek() override { return reply_at_ < reply_.size(); }
  void open() override { is_open_ = true; }
  /// Drops what is written or unread. Do this after the generated client threw anything else than
  /// TTransportException, TApplicationException or what its interface declares: it may have stopped
  /// in the middle of a message.
  void close() override;

  std::uint32_t read(std::uint8_t* to, std::uint32_t size);
  const std::uint8_t* borrow(std::uint8_t* to, std::uint32_t* size);
  void consume(std::uint32_t size);
  void write(const std::uint8_t* from, std::uint32_t size);
  void flush() override;

  [[nodiscard]] const std::string getOrigin() const override { return "waitstate"; }

  /// For the calls that follow.
  void set_call_time_max(duration limit) { settings_.call_time_max = limit; }
  void set_idempotent(bool is) { settings_.is_idempotent = is; }

  /// Of the last call: which server answered, how many were tried.
  [[nodiscard]] const thrift_call_facts& last_call() const { return *facts_; }

 private:
  [[noreturn]] void fail(const error& why, bool is_late);

  io_threads& with_;
  const std::shared_ptr<thrift_caller> over_;
  thrift_transport_settings settings_;
  std::string request_;
  std::string reply_;
  std::size_t reply_at_ = 0;
  bool is_open_ = true;
  std::shared_ptr<thrift_call_facts> facts_ = std::make_shared<thrift_call_facts>();
};

}  // namespace waitstate::client
