#include "cluster/failure_detector.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace waitstate::client {

std::string_view to_string(health h) {
  switch (h) {
    case health::alive: return "alive";
    case health::dead: return "dead";
    case health::half_open: return "half open";
    case health::probing: return "probing";
  }
  assert(false && "unknown health");
  return {};
}

failure_detector::failure_detector(const failure_settings& settings, random_source random)
    : settings_(settings), random_(std::move(random)) {
  assert(settings.success_rate_window.count() > 0);
  assert(random_);
}

health failure_detector::at(time_point now) const {
  return state_ != health::alive && now >= dead_until_ ? health::half_open : state_;
}

bool failure_detector::may_try(time_point now) const {
  const auto h = at(now);
  return h == health::alive || h == health::half_open;
}

void failure_detector::started(time_point now) {
  if (at(now) != health::half_open) return;
  state_ = health::probing;
  // A probe may go on for hours, or its lease may be leaked: then another call may try.
  dead_until_ = now + settings_.dead_first;
}

void failure_detector::succeeded(time_point now) {
  succeeded_as_expected(now);
  if (state_ == health::probing) revive();
}

void failure_detector::succeeded_as_expected(time_point now) {
  failures_in_a_row_ = 0;
  count(true, now);
}

void failure_detector::failed(time_point now) {
  ++failures_in_a_row_;
  count(false, now);
  if (state_ == health::dead) return;
  const bool too_many =
      settings_.failures_in_a_row_max > 0 && failures_in_a_row_ >= settings_.failures_in_a_row_max;
  if (state_ != health::probing && !too_many && !is_success_rate_low(now)) return;
  eject(dead_time(settings_.dead_first, settings_.dead_max, dead_times_++), now);
}

void failure_detector::abandoned() {
  // Still half open: its dead time is over.
  if (state_ != health::probing) return;
  state_ = health::dead;
  dead_until_ = time_point::min();
}

void failure_detector::connected(time_point) {
  connect_failures_ = 0;
  if (state_ != health::alive && unreachable_) revive();
}

void failure_detector::connect_failed(time_point now) {
  if (settings_.connect_dead_first.count() == 0) return;
  // Several connects that fail together are one failure.
  if (at(now) == health::dead) return;
  eject(dead_time(settings_.connect_dead_first, settings_.connect_dead_max, connect_failures_++),
        now);
  unreachable_ = true;
}

duration failure_detector::dead_time(duration first, duration max, std::uint32_t times) const {
  const auto doubled = first * (duration::rep{1} << std::min(times, 20U));
  const auto half = std::min(doubled, max);
  const auto jitter = std::chrono::duration<double, duration::period>(
      static_cast<double>(half.count()) * random_share(random_));
  return std::min(half + std::chrono::duration_cast<duration>(jitter), max);
}

void failure_detector::eject(duration dead_for, time_point now) {
  state_ = health::dead;
  unreachable_ = false;
  dead_until_ = now + dead_for;
  ++ejections_;
}

void failure_detector::revive() {
  state_ = health::alive;
  unreachable_ = false;
  failures_in_a_row_ = 0;
  dead_times_ = 0;
  window_ = {};
}

std::int64_t failure_detector::slice_number(time_point now) const {
  return now.time_since_epoch() / (settings_.success_rate_window / slices);
}

void failure_detector::count(bool ok, time_point now) {
  const auto number = slice_number(now);
  auto& s = window_[static_cast<std::size_t>(number) % slices];
  if (s.number != number) s = {.number = number};
  ++(ok ? s.ok : s.failed);
}

bool failure_detector::is_success_rate_low(time_point now) const {
  const auto newest = slice_number(now);
  double ok = 0;
  double all = 0;
  for (const auto& s : window_) {
    if (s.number <= newest - slices) continue;
    ok += s.ok;
    all += s.ok + s.failed;
  }
  return all >= settings_.success_rate_calls_min && ok / all < settings_.success_rate_min;
}

}  // namespace waitstate::client
