#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "waitstate/base/error.h"
#include "waitstate/client/core/call_record.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/cluster_calls.h"
#include "waitstate/client/core/cluster_lease.h"

namespace waitstate::client {

class cluster;

/// A place among cluster_settings::calls_max, where there is such a limit, for as long as it lives.
class call_place {
 public:
  /// The cluster outlives it.
  explicit call_place(cluster& of);
  ~call_place();
  call_place(const call_place&) = delete;
  call_place& operator=(const call_place&) = delete;

  /// Why the call may not begin: so many are under way.
  [[nodiscard]] std::optional<error> refusal() const;

 private:
  cluster& of_;
  bool is_let_in_ = true;
};

/// What the two halves of a hedged call share: attempts one after the other, and those made beside
/// them. Both run on one strand.
struct hedged_call {
  /// Servers that each half was given, as their cluster names them.
  std::array<std::vector<std::uint64_t>, 2> been_at;
  /// How each ended, as call_watch::ends() was told.
  std::array<std::optional<bool>, 2> was_well;
  std::uint32_t halves = 1;   ///< Under way.
  bool is_sent = false;       ///< Something was, by either.
  bool is_last_told = false;  ///< Whoever is told of attempts knows that it was the last.

  /// The error that the call ends with.
  [[nodiscard]] error explained(error why) const {
    why.is_sent = why.is_sent || is_sent;
    return why;
  }
};

/// One half of a hedged call, or a whole call.
struct call_half {
  std::shared_ptr<hedged_call> of;  ///< Null for a whole one.
  std::size_t which = 0;            ///< 1: begun beside the other.

  /// Adds the servers that the other half was given.
  void avoid_the_other(std::vector<std::uint64_t>& avoided) const;
  /// Is this the second half, and the server one that the first was given, which is under way?
  [[nodiscard]] bool is_beside_itself(std::uint64_t server) const;
  void is_at(std::uint64_t server) const {
    if (of) of->been_at.at(which).push_back(server);
  }
};

/// One call, as its cluster counts it and its owner is told of it; part of cluster::call(). It is
/// told of what happens, and answers for whatever ends the call. Allocates nothing unless somebody
/// is to be told. Each half of a hedged call has one; the call is then counted by who has both.
class call_watch {
 public:
  /// The cluster and the options outlive it.
  call_watch(cluster& of, const call_options& options, call_half half);
  ~call_watch();
  call_watch(const call_watch&) = delete;
  call_watch& operator=(const call_watch&) = delete;

  [[nodiscard]] time_point began() const { return began_; }

  /// Why the call may not begin; a half has begun with its call.
  [[nodiscard]] std::optional<error> refusal() const {
    return place_ ? place_->refusal() : std::nullopt;
  }

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
  void ends(const error* failed, bool is_well, bool is_last, time_point now) {
    if (is_last) was_well_ = failed == nullptr && is_well;
    ended_ = now;
    if (record_) end_record(failed, is_last);
  }

 private:
  void begin_record(std::uint32_t attempt);
  void fill_in(attempt& made);
  void end_record(const error* failed, bool is_last) noexcept;
  /// Has this half, which makes no other attempt, the last one of both?
  [[nodiscard]] bool is_last_of_both(bool is_answered) const noexcept;

  cluster& of_;
  const call_options& options_;
  const time_point began_;
  const bool is_told_;
  const call_half half_;
  std::optional<call_place> place_;  // of a whole call
  bool is_sent_ = false;
  std::optional<bool> was_well_;         // once it has ended
  time_point ended_;                     // then
  std::unique_ptr<call_record> record_;  // while an attempt is under way
};

}  // namespace waitstate::client
