#include "tcp/tcp_service.h"

#include <tuple>

namespace waitstate::sidecar {

std::vector<figure> tcp_service::figures() const {
  return {{.name = "tcp_connections_total", .count = counts_.connections},
          {.name = "tcp_connections_failed_total", .count = counts_.failed}};
}

asio::awaitable<void> tcp_service::serve(client_ptr who) {
  ++counts_.connections;
  who->is_idle = false;
  auto got = co_await over_->acquire({.deadline = connect_time_max_});
  if (!got) {
    ++counts_.failed;
    // A reset says that there is nothing here; an orderly end would look like an empty answer.
    boost::system::error_code ignored;
    std::ignore = who->socket.set_option(asio::socket_base::linger(true, 0), ignored);
    co_return;
  }
  who->pinned = client::to_string(got->to());
  co_await run_tunnel(who.get(), got->over().shared(), settings_);
  got->give_back(client::call_outcome::ok);
}

}  // namespace waitstate::sidecar
