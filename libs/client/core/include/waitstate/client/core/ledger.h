#pragma once

#include <cstdint>
#include <memory>
#include <source_location>
#include <string>

#include "waitstate/client/core/call_stack.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/endpoint.h"

namespace waitstate::client {

/// A lease: this slot, in this generation. It is over as soon as the slot's generation is another.
struct lease_id {
  std::uint32_t slot = 0;
  std::uint64_t generation = 0;

  friend bool operator==(const lease_id&, const lease_id&) = default;
};

/// One line of the lease ledger.
struct ledger_entry {
  lease_id id{};
  endpoint to{};
  duration out_for{};        ///< Since it was leased.
  duration last_byte_ago{};  ///< Since the last byte in either direction.
  bool peer_closed = false;  ///< In CLOSE-WAIT: nothing can come any more.
  std::source_location where{};
  std::shared_ptr<const call_stack> stack{};  ///< Of one lease in pool_settings::stack_every.
};

/// "10.0.0.7:80 lease 3/17 out for 5 min 2 s, last byte 5 min ago, the peer has closed: main.cpp:42
/// fetch()", and a line for each frame of its stack where there is one.
[[nodiscard]] std::string to_string(const ledger_entry& e);

}  // namespace waitstate::client
