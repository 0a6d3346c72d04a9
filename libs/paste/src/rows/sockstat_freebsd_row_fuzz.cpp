// Rows of sockstat of FreeBSD: see check_reader().
#include "row_fuzz.h"
#include "rows/readers.h"

namespace {

using namespace waitstate;
using namespace waitstate::paste;

constexpr std::string_view state_words[] = {
    "?",      "ESTABLISHED", "SYN_SENT", "SYN_RCVD", "FIN_WAIT_1", "FIN_WAIT_2",   "TIME_WAIT",
    "CLOSED", "CLOSE_WAIT",  "LAST_ACK", "LISTEN",   "CLOSING",    "NEW_SYN_RECV", "BOUND"};

std::optional<std::string> in_layout(const row& r) {
  if (!is_writable(r.local) || !is_writable(r.remote) || r.state == tcp::state::unknown) {
    return std::nullopt;
  }
  const auto owner =
      r.owner_shown_empty ? std::string("? ? ? ?") : fmt::format("www {} {} 12", r.program, r.pid);
  return fmt::format("{} tcp4 {} {} {}", owner, endpoint_text(r.local), endpoint_text(r.remote),
                     state_words[static_cast<std::size_t>(r.state)]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_reader({reinterpret_cast<const char*>(data), size}, read_sockstat_freebsd_row, in_layout);
  return 0;
}
