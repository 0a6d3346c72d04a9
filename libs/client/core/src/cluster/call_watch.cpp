#include "waitstate/client/core/call_watch.h"

#include <utility>

#include <fmt/format.h>

#include "cluster/cluster_state.h"
#include "notify.h"
#include "waitstate/client/core/cluster.h"

namespace waitstate::client {

call_watch::call_watch(cluster& of, const call_options& options, bool is_counted)
    : of_(of),
      options_(options),
      began_(clock::now()),
      is_told_(of.settings().calls.begins || of.settings().calls.ended),
      is_counted_(is_counted) {
  const auto most = of_.settings().calls_max;
  if (most == 0) return;
  is_let_in_ = of_.state_->under_way.fetch_add(1) < most;
  if (!is_let_in_) ++of_.state_->shed;
}

call_watch::~call_watch() {
  if (of_.settings().calls_max > 0) --of_.state_->under_way;
  const bool has_ended = is_well_ || has_failed_;
  if (is_counted_ && has_ended) of_.count_call(clock::now() - began_, is_well_);
  if (!record_) return;
  const error cancelled{.code = errc::cancelled, .what = "cancelled", .hint = {}};
  end_record(&cancelled, true);
}

std::optional<error> call_watch::refusal() const {
  if (is_let_in_) return std::nullopt;
  return error{.code = errc::overloaded,
               .what = fmt::format("cluster '{}': overloaded: {} calls are under way already",
                                   of_.name(), of_.settings().calls_max),
               .hint = {},
               .phase = call_phase::wait};
}

void call_watch::explain(error& why, call_phase otherwise) const {
  if (why.phase == call_phase::none) why.phase = otherwise;
  why.is_sent = is_sent_;
}

void call_watch::explain(error& why, const attempt& made) {
  // Refused: the server says that it did nothing with it.
  if (made.bytes_written && !made.refused) is_sent_ = true;
  explain(why, made.response_byte_seen ? call_phase::body
               : made.bytes_written    ? call_phase::first_byte
                                       : call_phase::send);
}

void call_watch::begin_record(std::uint32_t attempt) {
  record_ = std::make_unique<call_record>();
  record_->cluster = of_.name();
  record_->title = options_.title;
  record_->attempt = attempt;
  record_->deadline = options_.deadline;
  record_->began = clock::now();
  record_->where = options_.where;
  record_->context = options_.context;
  notify(of_.settings().calls.begins, *record_);
}

void call_watch::fill_in(attempt& made) {
  auto& r = *record_;
  made.record = record_.get();
  r.connected = clock::now();
  r.server = made.to;
  if (made.over == nullptr) return;
  const auto& over = *made.over;
  r.server = over->remote();
  r.lease = over.id();
  r.is_reused = over.is_reused();
  r.dial = over->made_in();
}

void call_watch::end_record(const error* failed, bool is_last) noexcept {
  record_->ended = clock::now();
  record_->failed = failed;
  record_->is_last = is_last;
  notify(of_.settings().calls.ended, std::as_const(*record_));
  record_.reset();
}

}  // namespace waitstate::client
