// Rows of netstat of macOS and the BSDs: see check_reader().
#include "row_fuzz.h"
#include "rows/readers.h"

namespace {

using namespace waitstate;
using namespace waitstate::paste;

constexpr std::string_view state_words[] = {
    "NIEMAND", "ESTABLISHED", "SYN_SENT", "SYN_RCVD", "FIN_WAIT_1", "FIN_WAIT_2",   "TIME_WAIT",
    "CLOSED",  "CLOSE_WAIT",  "LAST_ACK", "LISTEN",   "CLOSING",    "NEW_SYN_RECV", "BOUND"};

std::optional<std::string> in_layout(const row& r) {
  if (!is_writable(r.local)) return std::nullopt;
  const auto local = endpoint_text(r.local, '.');
  if (r.incomplete) {
    return fmt::format("tcp4 {}/{}/{}  {}", *r.receive_queue, *r.incomplete, *r.send_queue, local);
  }
  if (!is_writable(r.remote)) return std::nullopt;
  auto text =
      fmt::format("tcp4  {}  {}  {}  {}  {}", *r.receive_queue, *r.send_queue, local,
                  endpoint_text(r.remote, '.'), state_words[static_cast<std::size_t>(r.state)]);
  if (!r.program.empty()) {
    text += fmt::format("  1 2 3 4  {}:{} 00102", r.program, r.pid);
  } else if (r.pid != 0 || r.owner_shown_empty) {
    text += fmt::format("  1 2 {} 0 0x0102 0x00000008", r.pid);
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_reader({reinterpret_cast<const char*>(data), size}, read_netstat_bsd_row, in_layout);
  return 0;
}
