// Any bytes either are no Mux frame, or can be written and read again; and a session that gets them
// keeps its account of calls.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "mux/mux_session.h"

namespace {

using namespace waitstate::client;

void check_message(std::string_view frame) {
  const auto read = read_mux_frame(frame);
  if (!read || read->has_more) return;
  const auto message = read_mux_message(read->type, read->tag, read->body);
  if (!message) return;
  std::string written;
  append_mux_message(written, *message);
  const auto frame_again = read_mux_frame(std::string_view(written).substr(4));
  if (!frame_again) std::abort();
  const auto again = read_mux_message(frame_again->type, frame_again->tag, frame_again->body);
  if (!again || *again != *message) std::abort();
}

/// Frames of up to 255 bytes, each behind its size, to a session with calls under way.
void check_session(std::string_view bytes) {
  mux_session session({.outstanding_max = 8, .message_max = 300}, time_point());
  std::size_t replies = 0;
  std::size_t calls = 0;
  while (!bytes.empty()) {
    while (session.may_dispatch(time_point())) {
      const auto tag = session.dispatch();
      if (tag < mux_tag_first || tag > 9) std::abort();
      if (++calls % 3 == 0) session.discard(tag, "late");
    }
    const auto size = std::min<std::size_t>(static_cast<std::uint8_t>(bytes[0]), bytes.size() - 1);
    const auto got = session.receive(bytes.substr(1, size), time_point());
    if (!got) return;
    if (got->reply) ++replies;
    if (session.outstanding() != calls - replies) std::abort();
    bytes.remove_prefix(1 + size);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_message(bytes);
  check_session(bytes);
  return 0;
}
