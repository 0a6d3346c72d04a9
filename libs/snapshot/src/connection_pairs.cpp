#include "waitstate/snapshot/connection_pairs.h"

#include <algorithm>
#include <utility>

namespace waitstate {
namespace {

bool has_other_end_here(const ended_connection& c) {
  // Without a handshake there was never another end.
  return c.was_established &&
         (c.flow.remote.address.is_loopback() || c.flow.remote.address == c.flow.local.address);
}

bool are_two_ends(const ended_connection& a, const ended_connection& b) {
  return a.net_namespace == b.net_namespace && a.flow.local == b.flow.remote &&
         a.flow.remote == b.flow.local;
}

}  // namespace

void connection_pairs::add(ended_connection c) {
  if (!has_other_end_here(c)) {
    tell(std::move(c));
    return;
  }
  const auto other = std::ranges::find_if(
      waiting_, [&](const ended_connection& waiting) { return are_two_ends(waiting, c); });
  if (other != waiting_.end()) {
    auto found = std::move(*other);
    waiting_.erase(other);
    tell(std::move(found), std::move(c));
    return;
  }
  waiting_.push_back(std::move(c));
  if (waiting_.size() <= waiting_max) return;
  auto oldest = std::move(waiting_.front());
  waiting_.pop_front();
  tell(std::move(oldest));
}

void connection_pairs::pass(std::chrono::system_clock::time_point now) {
  while (!waiting_.empty() && now - waiting_.front().ended > moment) {
    auto oldest = std::move(waiting_.front());
    waiting_.pop_front();
    tell(std::move(oldest));
  }
}

void connection_pairs::finish() {
  for (auto& c : std::exchange(waiting_, {})) tell(std::move(c));
}

void connection_pairs::tell(ended_connection c, std::optional<ended_connection> other) {
  if (other && other->direction == direction::outbound) std::swap(c, *other);
  sink_({.end = std::move(c), .other = std::move(other)});
}

}  // namespace waitstate
