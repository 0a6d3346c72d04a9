#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "waitstate/base/error.h"
#include "waitstate/client/core/call_record.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/cluster_calls.h"
#include "waitstate/client/core/cluster_lease.h"

namespace waitstate::client {

class cluster;

/// One call, as its cluster counts it and its owner is told of it; part of cluster::call(). It is
/// told of what happens, and answers for whatever ends the call. Allocates nothing unless somebody
/// is to be told.
class call_watch {
 public:
  /// Both outlive it. `is_counted`: it is a whole call, and no half of one.
  call_watch(cluster& of, const call_options& options, bool is_counted);
  ~call_watch();
  call_watch(const call_watch&) = delete;
  call_watch& operator=(const call_watch&) = delete;

  /// Why the call may not begin: cluster_settings::calls_max are under way.
  [[nodiscard]] std::optional<error> refusal() const;

  /// Says in an error how far the call had come, and whether anything was sent.
  void explain(error& why, call_phase otherwise) const;
  void explain(error& why, const attempt& made);

  /// An attempt begins.
  void begins(std::uint32_t attempt) {
    if (is_told_) begin_record(attempt);
  }
  /// It has a server.
  void reaches(attempt& made) {
    if (record_) fill_in(made);
  }
  /// It ended; `failed` is null when it was answered. `is_well`: and the server did its work.
  void ends(const error* failed, bool is_well, bool is_last) {
    if (is_last) (failed == nullptr && is_well ? is_well_ : has_failed_) = true;
    if (record_) end_record(failed, is_last);
  }

 private:
  void begin_record(std::uint32_t attempt);
  void fill_in(attempt& made);
  void end_record(const error* failed, bool is_last) noexcept;

  cluster& of_;
  const call_options& options_;
  const time_point began_;
  const bool is_told_;
  const bool is_counted_;
  bool is_let_in_ = true;
  bool is_sent_ = false;
  bool is_well_ = false;
  bool has_failed_ = false;
  std::unique_ptr<call_record> record_;  // while an attempt is under way
};

}  // namespace waitstate::client
