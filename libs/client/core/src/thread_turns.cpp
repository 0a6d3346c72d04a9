#include "thread_turns.h"

namespace waitstate::client {

bool thread_turns::begin(time_point now) {
  const std::scoped_lock held(lock_);
  ++callers_;
  if (callers_ > 1 || now - last_end_ > pause_max) alone_ = 0;
  if (callers_ > 1 || runs_ != runner::nobody || is_over_) return false;
  runs_ = runner::caller;
  return true;
}

void thread_turns::end(time_point now) {
  std::unique_lock held(lock_);
  --callers_;
  ++ended_;
  last_end_ = now;
  ++alone_;
  if (!wake_ || callers_ > 0 || runs_ != runner::own_thread || is_over_) return;
  if (alone_ < alone_before || now < own_until_) return;
  alone_ = 0;
  asked_ = true;
  wake_();
  // It would find the next call otherwise, and stay.
  changed_.wait_for(held, pause_max, [this] { return runs_ != runner::own_thread || is_over_; });
}

void thread_turns::end_of_runner(int pieces, time_point now) {
  const std::scoped_lock held(lock_);
  --callers_;
  ++ended_;
  last_end_ = now;
  const bool is_among_others = pieces > pieces_max;
  if (is_among_others) own_until_ = now + own_for;
  const bool goes_back = is_among_others || callers_ > 0 || is_over_;
  runs_ = goes_back ? runner::own_thread : runner::nobody;
  if (goes_back || wants_word_) changed_.notify_all();
}

bool thread_turns::step_aside() {
  std::unique_lock held(lock_);
  asked_ = false;
  if (callers_ > 0 || is_over_) return !is_over_;
  runs_ = runner::nobody;
  changed_.notify_all();
  while (runs_ != runner::own_thread && !is_over_) {
    const auto seen = ended_;
    const auto is_news = [&] { return is_over_ || runs_ == runner::own_thread; };
    changed_.wait_for(held, unused_max, is_news);
    if (is_news() || ended_ != seen) continue;
    if (runs_ == runner::nobody) {
      runs_ = runner::own_thread;
    } else {  // a call takes long
      wants_word_ = true;
      changed_.wait(held, [&] { return is_news() || ended_ != seen; });
      wants_word_ = false;
    }
  }
  return !is_over_;
}

void thread_turns::finish() {
  std::unique_lock held(lock_);
  is_over_ = true;
  changed_.notify_all();
  changed_.wait(held, [this] { return runs_ != runner::caller; });
}

}  // namespace waitstate::client
