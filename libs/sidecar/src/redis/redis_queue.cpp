#include "redis/redis_queue.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace waitstate::sidecar {
namespace {

// A buffer that was larger is not kept.
constexpr std::size_t spare_max = std::size_t{256} << 10;

}  // namespace

void redis_queue::push(redis_pending what, std::string_view bytes) {
  what.size = bytes.size();
  next_ += bytes;
  bytes_ += bytes.size();
  waiting_.push_back(std::move(what));
}

void redis_queue::push_raw(std::string_view bytes) {
  is_raw_ = true;
  next_ += bytes;
  bytes_ += bytes.size();
}

std::string_view redis_queue::begin_write() {
  batches_.push_back({.bytes = std::exchange(next_, std::move(spare_))});
  spare_.clear();
  is_going_ = true;
  return batches_.back().bytes;
}

void redis_queue::written(std::size_t bytes) {
  auto& last = batches_.back();
  last.written += bytes;
  is_going_ = last.written < last.bytes.size();
  if (is_raw_ && last.written == last.bytes.size()) forget(last.bytes.size() - last.answered);
}

void redis_queue::forget(std::size_t bytes) {
  bytes_ -= bytes;
  while (bytes > 0) {
    assert(!batches_.empty());
    auto& first = batches_.front();
    const auto some = std::min(bytes, first.bytes.size() - first.answered);
    first.answered += some;
    bytes -= some;
    // One that is being written stays, whatever the server has answered.
    if (first.answered < first.bytes.size() || first.written < first.bytes.size()) break;
    if (first.bytes.capacity() <= spare_max && spare_.capacity() == 0) {
      spare_ = std::move(first.bytes);
      spare_.clear();
    }
    batches_.pop_front();
  }
}

redis_pending redis_queue::pop() {
  auto what = std::move(waiting_.front());
  waiting_.pop_front();
  is_begun_ = false;
  if (what.size > 0) forget(what.size);
  return what;
}

std::vector<redis_lost> redis_queue::take_lost() {
  std::vector<redis_lost> all;
  all.reserve(waiting_.size());
  if (is_going_) batches_.back().written = batches_.back().bytes.size();
  batches_.push_back({.bytes = std::move(next_)});
  auto in = batches_.begin();
  std::size_t at = in->answered;
  for (auto& what : waiting_) {
    while (what.size > 0 && at == in->bytes.size()) at = (++in)->answered;
    const bool is_written = what.size > 0 && at < in->written;
    auto bytes = what.size == 0 ? std::string() : in->bytes.substr(at, what.size);
    at += what.size;
    all.push_back({.what = std::move(what),
                   .bytes = std::move(bytes),
                   .is_written = is_written,
                   .is_begun = is_begun_ && all.empty()});
  }
  // The batches stay: the last one may be in the hands of a write.
  waiting_.clear();
  bytes_ = 0;
  return all;
}

}  // namespace waitstate::sidecar
