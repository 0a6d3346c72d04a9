// Rows of TCPView: see check_reader().
#include "row_fuzz.h"
#include "rows/readers.h"

namespace {

using namespace waitstate;
using namespace waitstate::paste;

constexpr std::string_view state_words[] = {
    "?",      "ESTABLISHED", "SYN_SENT", "SYN_RECEIVED", "FIN_WAIT_1", "FIN_WAIT_2",   "TIME_WAIT",
    "CLOSED", "CLOSE_WAIT",  "LAST_ACK", "LISTENING",    "CLOSING",    "NEW_SYN_RECV", "BOUND"};

std::optional<std::string> in_layout(const row& r) {
  if (!is_writable(r.local) || !is_writable(r.remote) || r.state == tcp::state::unknown) {
    return std::nullopt;
  }
  return fmt::format("{} {} TCP {} {} {} {} {}", r.program.empty() ? "System" : r.program, r.pid,
                     r.local.host, r.local.port, r.remote.host, r.remote.port,
                     state_words[static_cast<std::size_t>(r.state)]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_reader(std::string_view(reinterpret_cast<const char*>(data), size), read_tcpview_row,
               in_layout);
  return 0;
}
