#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "waitstate/base/result.h"
#include "waitstate/snapshot/ended_connection.h"

namespace waitstate::kernel {

/// Follows every TCP connection in the kernel (tracepoint sock:inet_sock_set_state, BPF) and hands
/// over each of its ends when it is over: who opened it, who closed it and who first, how long it
/// lived, what it carried, and why it ended.
///
/// A connection that was open before has no opener, direction and life. The process that accepted
/// one is known only by its closing it. At most 262,144 connections are followed at once and 4 MiB
/// of endings wait to be read; what goes beyond is counted, never waited for.
///
/// Needs Linux 5.12 with BTF, CAP_BPF and CAP_PERFMON. What it attaches is gone with the process,
/// however that ends. Not for use by several threads at once.
class tracer {
 public:
  /// Starts following in one network namespace or in all of them; `net_namespace` as in
  /// list_options. Fails with errc::permission without the rights, with errc::not_found where there
  /// is no such namespace, with errc::unsupported where the kernel does not take the program.
  [[nodiscard]] static result<tracer> start(std::string_view net_namespace);
  ~tracer();
  tracer(tracer&&) noexcept;
  tracer& operator=(tracer&&) noexcept;

  /// Waits at most so long for something to tell, then hands over what there is, at most 16,384
  /// ends. A signal ends the wait early.
  [[nodiscard]] result<> read(std::chrono::milliseconds at_most,
                              const std::function<void(const ended_connection&)>& sink);

  /// Now, by the clock of ended_connection::ended, which no change of the wall clock moves.
  [[nodiscard]] std::chrono::system_clock::time_point now() const;

  /// Ends that were not handed over, since this reader was too slow; and edges of the state machine
  /// that the kernel kept from the program, each of which may lack an end or what is known of it.
  [[nodiscard]] std::uint64_t lost() const;
  /// Connections that began when too many were open: they have neither opener nor life.
  [[nodiscard]] std::uint64_t not_followed() const;

 private:
  struct state;
  explicit tracer(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

}  // namespace waitstate::kernel
