#include "net/shared_timer.h"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

namespace waitstate::client {
namespace {

constexpr auto never = time_point::max().time_since_epoch().count();

/// Makes `known` the earlier of both; false when it was.
bool bring_forward(std::atomic<duration::rep>& known, duration::rep to) {
  auto seen = known.load();
  while (to < seen) {
    if (known.compare_exchange_weak(seen, to)) return true;
  }
  return false;
}

}  // namespace

time_point rounded_up(time_point at, duration step) {
  const auto over = at.time_since_epoch() % step;
  return over.count() == 0 ? at : at + (step - over);
}

reminder::reminder(std::shared_ptr<shared_timer> by, handler remind)
    : by_(std::move(by)), remind_(std::move(remind)) {}

// Orders are all sequential: who finds a due time that is early enough relies on the handler to see
// what was written before, and the timer on its due times to be complete.
void reminder::remind_by(time_point at) {
  if (bring_forward(due_, at.time_since_epoch().count())) by_->wake_up_by(at);
}

void reminder::forget() {
  due_ = never;
  by_->arm_soon();
}

result<std::shared_ptr<shared_timer>> shared_timer::make(const asio::any_io_executor& executor) {
  // A constructor that only make() may call keeps out make_shared.
  return std::shared_ptr<shared_timer>(new shared_timer(asio::make_strand(executor)));
}

shared_timer::shared_timer(const strand& turn) : turn_(turn), timer_(turn) {}

std::shared_ptr<reminder> shared_timer::make_reminder(reminder::handler remind) {
  auto made = std::make_shared<reminder>(shared_from_this(), std::move(remind));
  const std::scoped_lock held(lock_);
  if (reminders_.size() == reminders_.capacity()) {
    std::erase_if(reminders_, [](const auto& r) { return r.expired(); });
  }
  reminders_.push_back(made);
  return made;
}

void shared_timer::wake_up_by(time_point at) {
  if (bring_forward(next_, at.time_since_epoch().count())) arm_soon();
}

void shared_timer::arm_soon() {
  asio::post(turn_, [self = shared_from_this()] { self->arm(); });
}

void shared_timer::arm() {
  // Before the reminders are looked at: who brings one forward from now on arms again.
  next_ = never;
  for (const auto& one : reminders()) bring_forward(next_, one->due_);
  const time_point next{duration(next_)};
  if (next == armed_for_) return;
  armed_for_ = next;
  timer_.cancel();
  if (next == time_point::max()) return;
  timer_.expires_at(rounded_up(next, tick));
  timer_.async_wait([self = shared_from_this()](const auto& code) {
    if (!code) self->ring();
  });
}

void shared_timer::ring() {
  ++wake_ups_;
  armed_for_ = time_point::max();
  const auto now = clock::now();
  for (const auto& one : reminders()) {
    if (one->due_ > now.time_since_epoch().count()) continue;
    one->due_ = never;
    one->remind_(now);
  }
  arm();
}

std::vector<std::shared_ptr<reminder>> shared_timer::reminders() {
  std::vector<std::shared_ptr<reminder>> all;
  const std::scoped_lock held(lock_);
  all.reserve(reminders_.size());
  for (const auto& weak : reminders_) {
    if (auto one = weak.lock()) all.push_back(std::move(one));
  }
  return all;
}

}  // namespace waitstate::client
