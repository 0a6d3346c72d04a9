#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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
  [[nodiscard]] std::size_t size() const { return slots_.size() - done_; }
  [[nodiscard]] bool is_empty() const { return size() == 0; }
  /// In bytes, of what waits for a reply before it.
  [[nodiscard]] std::size_t held_bytes() const { return held_; }
  void clear();

 private:
  struct slot {
    std::string bytes;
    bool is_done = false;
  };

  void pop();

  // Those before done_ are over: an idle client has none, and a vector takes no memory then.
  std::vector<slot> slots_;
  std::size_t done_ = 0;
  std::uint64_t first_ = 0;  // number of slots_[done_]
  std::size_t held_ = 0;
};

}  // namespace waitstate::sidecar
