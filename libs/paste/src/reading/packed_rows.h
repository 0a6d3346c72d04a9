#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <optional>
#include <unordered_map>

#include "waitstate/snapshot/direction.h"
#include "waitstate/snapshot/socket_record.h"
#include "waitstate/tcp/endpoint.h"

namespace waitstate::paste {

/// A socket of a paste, and where its row came from.
struct stored_row {
  socket_record record;
  direction told = direction::unknown;
  std::uint8_t from = 0;                    ///< The place of its format in formats().
  std::optional<std::uint32_t> incomplete;  ///< A listener's unfinished handshakes (BSD).
};

/// Millions of rows in little memory: 24 bytes for one that shows its two ends, its state and its
/// owner; 32 more for queues, a timer, an inode or ages; the whole for the few that have anything
/// else. What comes out is what went in.
class packed_rows {
 public:
  void push_back(const stored_row& r);

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  [[nodiscard]] stored_row operator[](std::size_t index) const;

  // What is learned of a row later.
  void tell_direction(std::size_t index, direction told);
  void tell_owner(std::size_t index, const owner_ref& owner);
  void tell_timer(std::size_t index, socket_timer timer);

  /// Goes over the rows; each is made when it is asked for.
  class iterator {
   public:
    using value_type = stored_row;
    using difference_type = std::ptrdiff_t;

    iterator() = default;
    iterator(const packed_rows& of, std::size_t at) : of_(&of), at_(at) {}
    [[nodiscard]] stored_row operator*() const { return (*of_)[at_]; }
    iterator& operator++() {
      ++at_;
      return *this;
    }
    iterator operator++(int) {
      auto before = *this;
      ++at_;
      return before;
    }
    friend bool operator==(const iterator& a, const iterator& b) { return a.at_ == b.at_; }

   private:
    const packed_rows* of_ = nullptr;
    std::size_t at_ = 0;
  };
  [[nodiscard]] iterator begin() const { return {*this, 0}; }
  [[nodiscard]] iterator end() const { return {*this, size()}; }

 private:
  struct packed_row {
    std::uint32_t local_address = 0;  ///< The bytes of IPv4, a name, or a place in addresses_.
    std::uint32_t remote_address = 0;
    std::uint16_t local_port = 0;
    std::uint16_t remote_port = 0;
    std::uint32_t owner = 0;
    std::uint32_t more = 0;  ///< A place in details_ or, where it is `whole`, in whole_.
    tcp::state state : 5 = tcp::state::unknown;
    std::uint8_t from : 3 = 0;
    direction told : 2 = direction::unknown;
    ownership owned : 2 = ownership::unknown;
    tcp::address::kind local_kind : 2 = tcp::address::kind::none;
    tcp::address::kind remote_kind : 2 = tcp::address::kind::none;
    bool has_queues : 1 = false;
    bool has_timer_column : 1 = false;  ///< And none runs.
    bool has_details : 1 = false;
    bool is_whole : 1 = false;
  };
  struct details {
    std::uint32_t receive_queue = 0;
    std::uint32_t send_queue = 0;
    std::uint32_t timer_ms = 0;
    std::uint32_t inode = 0;
    std::uint32_t uid = 0;
    std::uint32_t last_data_ms = 0;
    std::uint32_t last_ack_ms = 0;
    socket_timer timer = socket_timer::unknown;
    std::uint8_t retransmits = 0;
    bool has_uid : 1 = false;
    bool has_last_data : 1 = false;
    bool has_last_ack : 1 = false;
  };

  [[nodiscard]] std::uint32_t packed(const tcp::address& a);
  [[nodiscard]] tcp::address unpacked(tcp::address::kind kind, std::uint32_t value) const;

  std::deque<packed_row> rows_;
  std::deque<details> details_;
  std::deque<stored_row> whole_;
  std::deque<tcp::address> addresses_;  ///< Of IPv6.
  std::unordered_map<tcp::address, std::uint32_t> places_;
};

}  // namespace waitstate::paste
