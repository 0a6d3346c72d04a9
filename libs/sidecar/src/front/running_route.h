#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "front/far_end.h"
#include "front/front.h"
#include "front/log_file.h"
#include "front/opening_reasons.h"
#include "front/service.h"
#include "front/steered_source.h"
#include "waitstate/base/fd.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/sidecar/config.h"
#include "waitstate/sidecar/status.h"

namespace waitstate::sidecar {

/// A route while it serves, in one loop: its servers, its fronts and its clients. Of that loop's
/// thread alone.
class running_route : public std::enable_shared_from_this<running_route> {
 public:
  using teller = std::function<void(std::string)>;  ///< A line for the log.
  /// What the loop gives it.
  struct surroundings {
    teller tell;
    log_file* log = nullptr;            ///< Of requests; outlives the route.
    std::function<void()> client_came;  ///< Said of one that comes where there was none.
  };

  static result<std::shared_ptr<running_route>> make(asio::any_io_executor executor, route of,
                                                     surroundings within);

  /// Begins to accept on these sockets, in place of those before.
  void listen(std::vector<fd> listeners);
  /// Accepts nobody any more, and lets clients go as they can be.
  void drain();
  /// Ends the connections of clients whose time is over, and of idle ones while it drains.
  void look_after(time_point now);
  /// Finds out why connections were opened since the last time.
  void learn_reasons();
  /// Ends every client, wherever it is.
  void end_clients();
  /// Gives up the servers; for when no client is left.
  void stop();

  /// A server gets no new calls; with `and_end` what it has is ended, too. Or it gets calls again.
  void take_out(const client::endpoint& server, bool and_end);
  bool put_back(const client::endpoint& server);

  [[nodiscard]] const route& of() const { return of_; }
  [[nodiscard]] bool is_draining() const { return is_draining_; }
  [[nodiscard]] std::size_t clients() const { return clients_.size(); }
  [[nodiscard]] route_status status() const;

 private:
  running_route(asio::any_io_executor executor, route of, surroundings within);

  void take(client_ptr who);
  void reclaim(client_connection& who);
  asio::awaitable<void> serve(client_ptr who);
  asio::awaitable<bool> is_let_go(client_connection& who);

  asio::any_io_executor executor_;
  const route of_;
  const surroundings within_;
  std::shared_ptr<steered_source> source_;
  std::shared_ptr<client::cluster> servers_;
  std::unique_ptr<service> service_;
  std::vector<std::shared_ptr<front>> fronts_;
  std::map<std::uint64_t, client_ptr> clients_;
  std::uint64_t accepted_ = 0;
  std::uint64_t refused_ = 0;    // past route::clients_max
  std::uint64_t reclaimed_ = 0;  // connections of their own that silent clients lost
  opening_reasons reasons_;
  far_end far_end_;
  bool is_draining_ = false;
};

}  // namespace waitstate::sidecar
