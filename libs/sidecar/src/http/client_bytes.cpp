#include "http/client_bytes.h"

#include <cstring>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

namespace waitstate::sidecar {

void client_bytes::use(std::size_t bytes) {
  begin_ += bytes;
  if (begin_ == end_) begin_ = end_ = 0;
}

void client_bytes::make_room() {
  if (end_ < capacity()) return;
  if (begin_ > 0) {
    std::memmove(data(), data() + begin_, end_ - begin_);
  } else if (!large_) {
    auto grown = std::make_unique_for_overwrite<large>();
    std::memcpy(grown->data(), small_.data(), end_);
    large_ = std::move(grown);
  }
  end_ -= begin_;
  begin_ = 0;
}

void client_bytes::shrink() {
  if (begin_ == end_) large_.reset();
}

asio::awaitable<client_bytes::read_outcome> client_bytes::read_more() {
  make_room();
  if (end_ == capacity()) co_return read_outcome::full;
  const auto [code, count] = co_await of_->socket.async_read_some(
      asio::buffer(data() + end_, capacity() - end_), client::as_value);
  if (code == asio::error::eof) of_->has_ended = true;
  if (code || count == 0) co_return read_outcome::end;
  end_ += count;
  co_return read_outcome::some;
}

}  // namespace waitstate::sidecar
