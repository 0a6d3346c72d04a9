#pragma once

#include <cstdint>
#include <memory>

namespace waitstate::client {

/// What a slot of a pool holds: a connection, whatever that is. The pool only keeps it and hands it
/// out.
class pooled {
 public:
  pooled() = default;
  pooled(const pooled&) = delete;
  pooled& operator=(const pooled&) = delete;
  virtual ~pooled() = default;

 private:
  friend class pool_core;
  std::uint32_t slot_ = 0;  // guarded by the pool's lock
};

using pooled_ptr = std::shared_ptr<pooled>;

}  // namespace waitstate::client
