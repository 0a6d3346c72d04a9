#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "front/service.h"

namespace waitstate::sidecar {

/// What goes to one client, gathered while a write is under way.
class redis_output : public std::enable_shared_from_this<redis_output> {
 public:
  /// `on_written` is told when all is written, or with false when the client takes nothing more.
  redis_output(client_ptr who, std::function<void(bool is_well)> on_written);

  /// What is to be written is appended here.
  [[nodiscard]] std::string& next() { return next_; }
  /// Writes what is there, unless a write is under way, which goes on with it.
  void start();
  [[nodiscard]] bool is_idle() const { return !is_writing_ && next_.empty(); }
  /// Tells nobody any more, and writes no more than what is under way.
  void stop();

 private:
  void write(std::size_t from);

  const client_ptr who_;
  std::function<void(bool)> on_written_;
  std::string next_;
  std::string going_;
  bool is_writing_ = false;
};

/// Empties it, and keeps its memory only when that is not much.
void forget_large(std::string& buffer);

}  // namespace waitstate::sidecar
