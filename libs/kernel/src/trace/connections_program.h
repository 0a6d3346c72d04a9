#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include <connections.skel.h>

#include "waitstate/base/result.h"

namespace waitstate::kernel {

/// bpftool's functions are static: what is named after them exists once in each source.
struct connections_release {
  void operator()(connections_bpf* made) const;
};

/// connections.bpf.c in the kernel; detached and gone with this.
using connections_program = std::unique_ptr<connections_bpf, connections_release>;

/// What becomes of a connection that ended.
enum class ended_connections : std::uint8_t {
  told,      ///< Each is written to the ring `ended`.
  added_up,  ///< They are added up in `flows`, and who left what in `left`.
};

/// Loads it, not attached yet. `net_namespace` as in list_options, fails as tracer::start() does.
[[nodiscard]] result<connections_program> load_connections(std::string_view net_namespace,
                                                           ended_connections become);

[[nodiscard]] result<> attach(connections_bpf& program);

/// Edges of the state machine that the kernel kept from it.
[[nodiscard]] std::uint64_t edges_missed(const connections_bpf& program);

/// The clock that the program takes its times from.
[[nodiscard]] std::chrono::nanoseconds since_boot();

}  // namespace waitstate::kernel
