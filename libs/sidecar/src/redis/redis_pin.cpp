#include "redis/redis_pin.h"

#include <algorithm>

namespace waitstate::sidecar {
namespace {

// Longer than any reply that says something here.
constexpr std::size_t head_max = 64;

}  // namespace

redis_pin::standing redis_pin::after(redis_use use, std::string_view reply, standing before) {
  const bool is_ok = reply.starts_with("+OK");
  auto now = before;
  switch (use) {
    case redis_use::multi: now.is_in_multi = before.is_in_multi || is_ok; break;
    // Within MULTI it is refused.
    case redis_use::watch: now.is_watching = before.is_watching || is_ok; break;
    // Within MULTI it is queued, and changes nothing.
    case redis_use::unwatch: now.is_watching = before.is_watching && !is_ok; break;
    case redis_use::ends_multi:
      // An EXEC that the server would not run drops the transaction, and says so with one word; one
      // with too many arguments leaves it as it was.
      if (!reply.starts_with('-') || reply.starts_with("-EXECABORT")) return {};
      if (reply.find(" without MULTI") != std::string_view::npos) now.is_in_multi = false;
      break;
    default: break;
  }
  return now;
}

redis_pin::standing redis_pin::expected() const {
  auto at_last = is_;
  for (const auto& one : asked_) {
    const bool is_queued = one.use == redis_use::unwatch && at_last.is_in_multi;
    at_last = after(one.use, is_queued ? "+QUEUED" : "+OK", at_last);
  }
  return at_last;
}

bool redis_pin::is_ending() const {
  auto at = is_;
  for (const auto& one : asked_) {
    const bool is_queued = one.use == redis_use::unwatch && at.is_in_multi;
    if (one.use == redis_use::ends_multi || (one.use == redis_use::unwatch && !is_queued)) {
      return true;
    }
    at = after(one.use, is_queued ? "+QUEUED" : "+OK", at);
  }
  return false;
}

void redis_pin::asked(redis_use use, std::uint64_t number) {
  asked_.push_back({.use = use, .number = number});
}

void redis_pin::replied(std::uint64_t number, std::string_view bytes, bool is_end) {
  if (asked_.empty() || asked_.front().number != number) return;
  head_ += bytes.substr(0, head_max - std::min(head_max, head_.size()));
  if (!is_end) return;
  is_ = after(asked_.front().use, head_, is_);
  asked_.erase(asked_.begin());
  head_.clear();
}

}  // namespace waitstate::sidecar
