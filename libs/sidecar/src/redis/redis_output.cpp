#include "redis/redis_output.h"

#include <utility>

namespace waitstate::sidecar {

redis_output::redis_output(client_ptr who, std::function<void(bool is_well)> on_written)
    : who_(std::move(who)), on_written_(std::move(on_written)) {}

void redis_output::start() {
  if (is_writing_ || next_.empty() || !on_written_) return;
  is_writing_ = true;
  going_.clear();
  std::swap(going_, next_);
  write(0);
}

void redis_output::write(std::size_t from) {
  who_->socket.async_write_some(
      asio::buffer(going_) + from,
      [self = shared_from_this(), from](const boost::system::error_code& code, std::size_t sent) {
        if (!self->on_written_) return;
        if (code) return self->on_written_(false);
        if (from + sent < self->going_.size()) return self->write(from + sent);
        self->is_writing_ = false;
        forget_large(self->going_);
        if (!self->next_.empty()) return self->start();
        self->on_written_(true);
      });
}

void redis_output::stop() {
  on_written_ = nullptr;
  next_ = {};
}

void forget_large(std::string& buffer) {
  constexpr std::size_t kept_max = 512;
  buffer.clear();
  if (buffer.capacity() > kept_max) buffer = {};
}

}  // namespace waitstate::sidecar
