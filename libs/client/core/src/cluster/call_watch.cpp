#include "waitstate/client/core/call_watch.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cluster/cluster_state.h"
#include "notify.h"
#include "waitstate/client/core/cluster.h"

namespace waitstate::client {

call_place::call_place(cluster& of) : of_(of) {
  const auto most = of_.settings().calls_max;
  if (most == 0) return;
  is_let_in_ = of_.state_->under_way.fetch_add(1) < most;
  if (!is_let_in_) ++of_.state_->shed;
}

call_place::~call_place() {
  if (of_.settings().calls_max > 0) --of_.state_->under_way;
}

std::optional<error> call_place::refusal() const {
  if (is_let_in_) return std::nullopt;
  return error{.code = errc::overloaded,
               .what = fmt::format("cluster '{}': overloaded: {} calls are under way already",
                                   of_.name(), of_.settings().calls_max),
               .hint = {},
               .phase = call_phase::wait};
}

void call_half::avoid_the_other(std::vector<std::uint64_t>& avoided) const {
  if (!of) return;
  for (const auto server : of->been_at.at(1 - which)) {
    if (std::ranges::find(avoided, server) == avoided.end()) avoided.push_back(server);
  }
}

bool call_half::is_beside_itself(std::uint64_t server) const {
  if (!of || which == 0 || of->halves < 2) return false;
  return std::ranges::find(of->been_at[0], server) != of->been_at[0].end();
}

call_watch::call_watch(cluster& of, const call_options& options, call_half half)
    : of_(of),
      options_(options),
      began_(clock::now()),
      is_told_(of.settings().calls.begins || of.settings().calls.ended),
      half_(std::move(half)) {
  if (!half_.of) place_.emplace(of_);
}

call_watch::~call_watch() {
  if (!half_.of && was_well_) of_.count_call(ended_ - began_, *was_well_);
  if (record_) {
    error cancelled{.code = errc::cancelled, .what = "cancelled", .hint = {}};
    cancelled.is_sent = is_sent_;
    end_record(&cancelled, true);
  }
  if (!half_.of) return;
  half_.of->was_well.at(half_.which) = was_well_;
  --half_.of->halves;
}

void call_watch::explain(error& why, call_phase otherwise) const {
  if (why.phase == call_phase::none) why.phase = otherwise;
  why.is_sent = is_sent_;
}

void call_watch::explain(error& why, const attempt& made) {
  // Refused: the server says that it did nothing with it.
  if (made.bytes_written && !made.refused) is_sent_ = true;
  if (half_.of && is_sent_) half_.of->is_sent = true;
  explain(why, made.response_byte_seen ? call_phase::body
               : made.bytes_written    ? call_phase::first_byte
                                       : call_phase::send);
}

void call_watch::begin_record(std::uint32_t attempt) {
  record_ = std::make_unique<call_record>();
  record_->cluster = of_.name();
  record_->title = options_.title;
  record_->attempt = attempt;
  record_->is_hedge = half_.which == 1;
  record_->deadline = options_.deadline;
  record_->began = clock::now();
  record_->where = options_.where;
  record_->context = options_.context;
  notify(of_.settings().calls.begins, *record_);
}

void call_watch::fill_in(attempt& made) {
  auto& r = *record_;
  made.record = record_.get();
  r.server = made.to;
  if (made.over == nullptr) return;
  r.connected = clock::now();
  const auto& over = *made.over;
  r.server = over->remote();
  r.lease = over.id();
  r.is_reused = over.is_reused();
  r.dial = over->made_in();
}

void call_watch::end_record(const error* failed, bool is_last) noexcept {
  record_->ended = clock::now();
  record_->failed = failed;
  record_->is_last = is_last && is_last_of_both(failed == nullptr);
  notify(of_.settings().calls.ended, std::as_const(*record_));
  record_.reset();
}

bool call_watch::is_last_of_both(bool is_answered) const noexcept {
  if (!half_.of) return true;
  auto& both = *half_.of;
  if (both.is_last_told || (!is_answered && both.halves > 1)) return false;
  both.is_last_told = true;
  return true;
}

}  // namespace waitstate::client
