#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "redis/redis_pending.h"

namespace waitstate::sidecar {

/// The requests of one connection, in the order they go out and are answered, with their bytes
/// until that has happened, so that they can go over another one. Knows no socket.
class redis_queue {
 public:
  void push(redis_pending what, std::string_view bytes);
  /// Bytes that belong to no request; in their order.
  void push_raw(std::string_view bytes);

  [[nodiscard]] bool has_unwritten() const { return !next_.empty(); }
  /// What is to be written now; valid, and to be asked for again only, when all of it was
  /// written().
  [[nodiscard]] std::string_view begin_write();
  void written(std::size_t bytes);
  /// The write has failed, and took nothing that is not written().
  void write_failed() { is_going_ = false; }

  /// The request whose reply is next; there is one.
  [[nodiscard]] redis_pending& front() { return waiting_.front(); }
  /// It is answered.
  redis_pending pop();
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }
  [[nodiscard]] bool is_empty() const { return waiting_.empty(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// The first was answered in part.
  void begun() { is_begun_ = true; }

  /// All that was not answered, in order; nothing is left, and nothing more may be added. What a
  /// write has that has not ended may be with the server already, and counts as written.
  [[nodiscard]] std::vector<redis_lost> take_lost();

 private:
  struct batch {
    std::string bytes;
    std::size_t written = 0;
    std::size_t answered = 0;  // of its requests, and raw bytes before them
  };

  void forget(std::size_t bytes);

  std::deque<redis_pending> waiting_;
  std::deque<batch> batches_;  // written, or being written
  std::string next_;
  std::string spare_;
  std::size_t bytes_ = 0;  // in batches_ and next_, not answered
  bool is_begun_ = false;
  bool is_going_ = false;  // the last batch is with a write, which may have taken more than it told
  bool is_raw_ = false;    // nothing is kept, as nothing is sent again
};

}  // namespace waitstate::sidecar
