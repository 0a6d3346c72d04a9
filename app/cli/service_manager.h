#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "waitstate/base/fd.h"

namespace waitstate::cli {

/// The service manager that started us, told by the protocol of sd_notify(3): each message is one
/// datagram to $NOTIFY_SOCKET. Its manual offers that to whoever does not want libsystemd for four
/// words. Does nothing where nobody is there to be told, and waits half a second at most for one
/// that does not read.
class service_manager {
 public:
  /// Takes where to tell it from the environment ($NOTIFY_SOCKET, $WATCHDOG_USEC, $WATCHDOG_PID).
  service_manager();

  void ready(std::string_view status);
  void reloading();
  void stopping();
  /// Says that we are alive, where a watchdog wants to know and a third of its time is over. Cheap:
  /// to be called as often as there is a chance.
  void tick();
  /// To be called at least as often; nothing without a watchdog.
  [[nodiscard]] std::optional<std::chrono::milliseconds> tick_every() const { return tick_every_; }

 private:
  void tell(std::string_view message, int how = 0);

  fd socket_;
  std::string path_;
  std::optional<std::chrono::milliseconds> tick_every_;
  std::chrono::steady_clock::time_point last_tick_;
};

}  // namespace waitstate::cli
