#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <stdexcept>
#include <tuple>
#include <vector>

#include "waitstate/base/fd.h"
#include "waitstate/client/core/endpoint.h"

namespace waitstate::client {

/// A listener that takes no connection: its line is full, and what comes is not answered.
class deaf_listener {
 public:
  deaf_listener() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(at);
    auto* const address = reinterpret_cast<sockaddr*>(&at);
    if (::bind(listener_.get(), address, size) != 0) throw std::runtime_error("bind");
    ::listen(listener_.get(), 0);
    ::getsockname(listener_.get(), address, &size);
    at_ = {.host = "127.0.0.1", .port = ntohs(at.sin_port)};
    in_line_.reserve(4);
    for (int i = 0; i < 4; ++i) {
      in_line_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      std::ignore = ::connect(in_line_.back().get(), address, size);
    }
  }
  [[nodiscard]] const endpoint& at() const { return at_; }

 private:
  fd listener_;
  std::vector<fd> in_line_;
  endpoint at_;
};

}  // namespace waitstate::client
