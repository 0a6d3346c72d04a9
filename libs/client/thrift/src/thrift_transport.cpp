#include "waitstate/client/thrift/thrift_transport.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <thrift/transport/TTransportException.h>

#include "waitstate/base/text.h"
#include "waitstate/client/core/io_threads_wait.h"

namespace waitstate::client {
namespace {

using apache::thrift::transport::TTransportException;

}  // namespace

thrift_transport::thrift_transport(io_threads& with, std::shared_ptr<thrift_caller> over,
                                   thrift_transport_settings settings)
    : with_(with), over_(std::move(over)), settings_(settings) {}

void thrift_transport::close() {
  is_open_ = false;
  request_.clear();
  reply_.clear();
  reply_at_ = 0;
}

std::uint32_t thrift_transport::read(std::uint8_t* to, std::uint32_t size) {
  const auto given = std::min<std::size_t>(size, reply_.size() - reply_at_);
  if (given > 0) std::memcpy(to, reply_.data() + reply_at_, given);
  reply_at_ += given;
  return static_cast<std::uint32_t>(given);
}

const std::uint8_t* thrift_transport::borrow(std::uint8_t*, std::uint32_t* size) {
  const auto left = reply_.size() - reply_at_;
  if (left < *size) return nullptr;
  *size = static_cast<std::uint32_t>(left);
  return reinterpret_cast<const std::uint8_t*>(reply_.data()) + reply_at_;
}

void thrift_transport::consume(std::uint32_t size) {
  reply_at_ = std::min(reply_at_ + size, reply_.size());
}

void thrift_transport::write(const std::uint8_t* from, std::uint32_t size) {
  if (request_.size() + size > settings_.message_max) {
    request_.clear();
    throw TTransportException(
        TTransportException::BAD_ARGS,
        fmt::format("thrift: a call over the limit of {} B", grouped(settings_.message_max)));
  }
  request_.append(reinterpret_cast<const char*>(from), size);
}

void thrift_transport::flush() {
  reply_.clear();
  reply_at_ = 0;
  if (request_.empty()) return;
  auto message = std::exchange(request_, {});
  if (!is_open_) throw TTransportException(TTransportException::NOT_OPEN, "it was closed");
  facts_ = std::make_shared<thrift_call_facts>();
  const auto deadline = saturating_add(clock::now(), settings_.call_time_max);
  const call_options options{.deadline = deadline, .idempotent = settings_.is_idempotent};
  auto reply = with_.wait(over_->call(std::move(message), options, facts_));
  if (!reply) fail(reply.error(), clock::now() >= deadline);
  reply_ = *std::move(reply);
  resetConsumedMessageSize();
  // What the reply says of its own sizes is held against what there is.
  if (!reply_.empty()) updateKnownMessageSize(static_cast<long>(reply_.size()));
}

void thrift_transport::fail(const error& why, bool is_late) {
  using type = TTransportException::TTransportExceptionType;
  auto kind = type::UNKNOWN;
  if (why.code == errc::invalid_input) {
    kind = type::BAD_ARGS;
  } else if (why.code == errc::corrupt) {
    kind = type::CORRUPTED_DATA;
  } else if (is_late) {
    kind = type::TIMED_OUT;
  } else {
    kind = facts_->attempts == 0 ? type::NOT_OPEN : type::END_OF_FILE;
  }
  throw TTransportException(kind, why.what);
}

}  // namespace waitstate::client
