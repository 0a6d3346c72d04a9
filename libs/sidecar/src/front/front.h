#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "front/service.h"
#include "waitstate/base/fd.h"

namespace waitstate::sidecar {

/// Accepts the clients of one listening socket, for one loop. Out of descriptors or memory it waits
/// a moment and says so, once, instead of turning in vain.
class front : public std::enable_shared_from_this<front> {
 public:
  using taker = std::function<void(client_ptr)>;
  using teller = std::function<void(const error&)>;

  front(const asio::any_io_executor& executor, fd listener, taker taken, teller trouble);

  asio::awaitable<void> run();
  /// Takes whoever has connected already: closing the last descriptor of a listening socket resets
  /// those that nobody has accepted.
  void take_waiting();
  /// Accepts nobody any more.
  void close();

 private:
  /// False when there is nobody, for now.
  bool accept_one();
  void report(int number);

  asio::posix::stream_descriptor listener_;
  taker taken_;
  teller trouble_;
  int last_trouble_ = 0;
  bool is_short_ = false;  // of something that accepting needs
};

}  // namespace waitstate::sidecar
