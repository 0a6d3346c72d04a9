#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "packet.h"
#include "waitstate/tcp/state.h"

namespace waitstate::capture {

/// Since the epoch, as the capture has it.
using moment = std::chrono::microseconds;

/// One connection as its packets show it. A plain value; knows nothing of which end is ours.
class flow {
 public:
  /// The two ends by number: 0 sent the first packet that was captured.
  using side = std::size_t;

  flow(const tcp::endpoint& first, const tcp::endpoint& second) : ends_{first, second} {}

  void add(const packet& p, moment at);
  /// Is this the SYN of another connection with the same two endpoints?
  [[nodiscard]] bool is_begun_anew_by(const packet& p) const;

  [[nodiscard]] const tcp::endpoint& end(side s) const { return ends_[s]; }
  [[nodiscard]] side side_of(const tcp::endpoint& e) const { return e == ends_[0] ? 0 : 1; }

  /// Who sent the SYN; nothing where the capture began later.
  [[nodiscard]] std::optional<side> opener() const;
  /// Who sent the first FIN or reset.
  [[nodiscard]] std::optional<side> closer() const { return closer_; }
  [[nodiscard]] bool is_reset() const { return reset_; }
  /// It was reset by a side that had acknowledged data since it last sent any.
  [[nodiscard]] bool is_reset_unread() const { return reset_unread_; }
  /// SYNs got a reset and nothing else.
  [[nodiscard]] bool is_refused() const;
  /// SYNs got no answer at all.
  [[nodiscard]] bool is_unanswered() const;
  /// The side that has closed while the other has not, and since when.
  [[nodiscard]] std::optional<side> half_closed_by() const;

  /// The state of the socket of this end when the capture ended; nothing where there is none: the
  /// connection was reset, its close was complete, or a SYN came to it and it did not answer.
  [[nodiscard]] std::optional<tcp::state> state_of(side s) const;
  /// Since when it is in that state, and when it last got data.
  [[nodiscard]] moment since(side s) const;
  [[nodiscard]] moment last_data_to(side s) const { return half_[1 - s].data_at; }
  /// How often this end sent its oldest unacknowledged segment or SYN again, and how much is not
  /// acknowledged.
  [[nodiscard]] std::uint8_t sent_again(side s) const;
  [[nodiscard]] std::uint32_t unacknowledged(side s) const;

 private:
  /// What one end sent.
  struct half {
    std::uint8_t syns = 0;
    bool answered = false;  ///< SYN-ACK.
    bool fin = false;
    bool fin_acknowledged = false;
    bool reset = false;
    bool has_data = false;
    bool has_acknowledged = false;
    bool took_data = false;  ///< Acknowledged data of the other since it last sent any.
    std::uint8_t sent_again = 0;
    std::uint32_t initial = 0;       ///< Of its SYN.
    std::uint32_t next = 0;          ///< The sequence number behind all that it sent.
    std::uint32_t acknowledged = 0;  ///< What of it the other has acknowledged.
    std::uint32_t last_sequence = 0;
    moment syn_at{};
    moment fin_at{};
    moment data_at{};
    moment last_sent_at{};
  };

  void take_syn(half& from, const packet& p, moment at);
  void take_data(half& from, const packet& p, moment at);
  void take_acknowledgement(half& from, half& to, const packet& p);

  std::array<tcp::endpoint, 2> ends_;
  std::array<half, 2> half_;
  std::optional<side> closer_;
  bool reset_ = false;
  bool reset_unread_ = false;
  moment first_at_{};
};

}  // namespace waitstate::capture
