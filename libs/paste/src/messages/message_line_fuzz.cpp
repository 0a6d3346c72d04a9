#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "messages/error_line.h"
#include "messages/kernel_message.h"
#include "messages/lock_wait.h"
#include "messages/message_line.h"
#include "text/mentioned_endpoint.h"
#include "text/words.h"

namespace {

void must_lie_within(std::string_view part, std::string_view whole) {
  if (part.empty()) return;
  if (part.data() < whole.data() || part.data() + part.size() > whole.data() + whole.size()) {
    std::abort();
  }
}

}  // namespace

/// Endpoints point into the line; an error reads the same in capitals; a kernel message reads the
/// same behind a time stamp.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate::paste;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  if (const auto e = mentioned_endpoint(line)) must_lie_within(e->host, line);
  const auto lock = lock_waited_for(line);
  if (lock != "__lll_lock_wait" && lock != "semacquire" && lock != "sync.Mutex") {
    must_lie_within(lock, line);
  }
  const auto error = read_error_line(line);
  if (error && error->endpoint) must_lie_within(error->endpoint->host, line);
  if (error && error->count == 0) std::abort();
  const auto kernel = read_kernel_message(line);
  const auto stamped = read_kernel_message("[    1.5] " + std::string(line));
  if (kernel.has_value() != stamped.has_value()) std::abort();
  if (kernel && kernel->kind != stamped->kind) std::abort();
  static_cast<void>(read_suppressed(line));
  return 0;
}
