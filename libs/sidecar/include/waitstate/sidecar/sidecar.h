#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "waitstate/base/result.h"
#include "waitstate/sidecar/config.h"
#include "waitstate/sidecar/hand_over.h"
#include "waitstate/sidecar/status.h"

namespace waitstate::sidecar {

enum class server_order : std::uint8_t {
  drain,  ///< No new calls; what it has goes on.
  kill,   ///< No new calls, and what it has is ended.
  ready,  ///< Calls again.
};

/// A running sidecar: a proxy on this host that turns the short connections of any program into a
/// few long ones that it keeps. Each loop has a thread; nothing runs on the caller's.
///
/// Any thread may call any member, but for the loops' own.
class sidecar {
 public:
  using teller = std::function<void(std::string)>;

  /// Listens and serves from when this returns. Takes the sockets that the service manager has
  /// opened, once for the process. Fails when an address is not free, a file of TLS is not usable
  /// or a front is named that was not handed over; then nothing listens. `tell` is given a line of
  /// text when something is worth knowing, on any thread.
  /// `handed_over`: what another sidecar listened on; see ask_for_sockets().
  static result<std::unique_ptr<sidecar>> start(const config& c, const teller& tell,
                                                handed_sockets handed_over = {});
  /// Ends every client at once: see drain().
  ~sidecar();
  sidecar(const sidecar&) = delete;
  sidecar& operator=(const sidecar&) = delete;

  /// Serves by another configuration from now on. A route that is the same keeps its connections
  /// and counters; one that is another hands its listening sockets over, finishes its clients, and
  /// no connection is refused meanwhile. When anything cannot be had it fails, and all is as it
  /// was. The number of threads cannot change.
  result<> reload(config c);

  /// Duplicates of what it listens on, for another sidecar that takes its place.
  [[nodiscard]] result<handed_sockets> hand_over() const;
  /// Accepts nobody any more; each client is let go as soon as that loses nothing. `is_replaced`:
  /// another one listens on what was handed over, so that paths of unix sockets stay.
  void drain(bool is_replaced = false);
  /// How many clients are not gone yet, of those that drain() or reload() are waiting for.
  [[nodiscard]] std::size_t draining_clients() const;

  [[nodiscard]] config running() const;
  /// What a server of a route gets from now on. Fails when there is no such route; a server that it
  /// does not have yet can be taken out, too.
  result<> steer(const std::string& route, const client::endpoint& server, server_order order);

  /// Each route, and those that drain after it.
  [[nodiscard]] std::vector<route_status> status() const;

 private:
  struct state;
  explicit sidecar(std::unique_ptr<state> made);

  std::unique_ptr<state> state_;
};

}  // namespace waitstate::sidecar
