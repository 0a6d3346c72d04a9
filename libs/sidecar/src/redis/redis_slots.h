#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace waitstate::sidecar {

/// Puts the replies to one client's requests into the order of the requests, wherever they come
/// from. Knows no socket.
class redis_slots {
 public:
  /// A place for the reply to the next request: its number.
  std::uint64_t add();
  /// A part of a reply, the last one if it `is_end`. What can go to the client is appended to
  /// `out`.
  void give(std::uint64_t number, std::string_view bytes, bool is_end, std::string& out);
  /// Requests without a whole reply, or behind such.
  [[nodiscard]] std::size_t size() const { return slots_.size(); }
  [[nodiscard]] bool is_empty() const { return slots_.empty(); }
  /// In bytes, of what waits for a reply before it.
  [[nodiscard]] std::size_t held_bytes() const { return held_; }
  void clear();

 private:
  struct slot {
    std::string bytes;
    bool is_done = false;
  };

  std::deque<slot> slots_;
  std::uint64_t first_ = 0;  // number of slots_.front()
  std::size_t held_ = 0;
};

}  // namespace waitstate::sidecar
