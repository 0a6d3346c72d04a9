#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mux/mux_message.h"
#include "waitstate/client/core/clock.h"

namespace waitstate::client {

struct mux_session_limits {
  std::uint32_t outstanding_max = 10'000;  ///< Calls without their reply.
  std::size_t message_max = 16'384'000;    ///< Of a reply, however many fragments it has.
                                           ///< Four times that of all that are not whole yet.
  duration ping_every{0};                  ///< 0: never.
  duration ping_answer_max{0};             ///< How long a ping's answer may take.
};

/// The client's side of one Mux connection: which tags are in use, when to ping, and what each
/// message from the server means. Owns no socket and no clock: the owner sends what it is told to
/// send and reports what arrives.
///
/// Pure. Not for several threads at once.
class mux_session {
 public:
  mux_session(const mux_session_limits& limits, time_point now);

  /// May a call be sent now? Not while draining, without a lease, or with too many outstanding.
  [[nodiscard]] bool may_dispatch(time_point now) const;
  /// A tag for a call that is being sent; only when may_dispatch().
  std::uint32_t dispatch();
  /// Nobody waits for that call any more: gives what to tell the server, if the call is still
  /// outstanding. The tag stays in use until the server has answered. With more than half of
  /// outstanding_max waiting for that, the session drains: such a server answers nothing.
  std::optional<mux_message> discard(std::uint32_t tag, std::string_view why);

  struct received {
    std::optional<mux_message> answer;  ///< To send back.
    std::optional<mux_message> reply;   ///< To the call with that tag, which is over.
    bool is_discarded = false;          ///< Nobody waits for that reply.
  };
  /// What came in one frame. An error means that the connection is of no use any more.
  result<received> receive(std::string_view frame, time_point now);

  /// The ping to send now, if it is time for one. Fails when the last one was not answered in time.
  result<std::optional<mux_message>> tick(time_point now);
  [[nodiscard]] time_point next_tick() const;

  [[nodiscard]] bool is_draining() const { return is_draining_; }
  /// No new calls from now on; as the server's Tdrain does.
  void drain() { is_draining_ = true; }
  [[nodiscard]] std::size_t outstanding() const { return calls_.size(); }
  /// Draining, and nobody waits for a reply any more.
  [[nodiscard]] bool is_over() const { return is_draining_ && calls_.size() == discarded_; }

 private:
  struct call {
    bool is_discarded = false;
    std::string fragments;
  };

  result<received> receive_reply(const mux_frame& frame);
  result<received> keep_fragment(std::string& to, std::string_view body);
  result<received> receive_control(const mux_message& m, time_point now);

  const mux_session_limits limits_;
  std::unordered_map<std::uint32_t, call> calls_;
  std::size_t discarded_ = 0;        // of calls_
  std::size_t fragments_bytes_ = 0;  // in calls_
  std::vector<std::uint32_t> free_tags_;
  std::uint32_t next_tag_ = mux_tag_first;
  bool is_draining_ = false;
  std::optional<time_point> leased_until_;
  time_point next_ping_;
  std::optional<time_point> pong_before_;
};

}  // namespace waitstate::client
