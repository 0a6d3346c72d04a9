#include "waitstate/client/core/call_watch.h"

#include <utility>

#include "cluster/cluster_state.h"
#include "notify.h"
#include "waitstate/client/core/cluster.h"

namespace waitstate::client {

call_watch::call_watch(cluster& of, const call_options& options)
    : of_(of),
      options_(options),
      began_(clock::now()),
      is_told_(of.settings().calls.begins || of.settings().calls.ended) {}

call_watch::~call_watch() {
  if (is_well_ || has_failed_) of_.state_->times.count(clock::now() - began_, is_well_);
  if (!record_) return;
  const error cancelled{.code = errc::cancelled, .what = "cancelled", .hint = {}};
  end_record(&cancelled, true);
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
