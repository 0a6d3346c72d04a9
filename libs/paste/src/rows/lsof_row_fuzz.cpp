// Rows of lsof: see check_reader(). A line is a TCP socket or another descriptor, never both.
#include <algorithm>

#include "row_fuzz.h"
#include "rows/readers.h"

namespace {

using namespace waitstate;
using namespace waitstate::paste;

constexpr std::string_view state_words[] = {
    "",       "ESTABLISHED", "SYN_SENT", "SYN_RCVD", "FIN_WAIT1", "FIN_WAIT2",    "TIME_WAIT",
    "CLOSED", "CLOSE_WAIT",  "LAST_ACK", "LISTEN",   "CLOSING",   "NEW_SYN_RECV", "BOUND"};

bool is_plain(std::string_view program) {
  return !program.empty() &&
         std::ranges::any_of(program, [](char c) { return c < '0' || c > '9'; }) &&
         program.find(':') == program.npos && program.find("pid") == program.npos &&
         program.find("PID") == program.npos;
}

std::optional<std::string> in_layout(const row& r) {
  const bool has_peer = !r.remote.host.empty();
  if (!is_writable(r.local) || (has_peer && !is_writable(r.remote)) || !is_plain(r.program)) {
    return std::nullopt;
  }
  auto text = fmt::format("{} {} user 12u IPv4 ", r.program, r.pid);
  if (r.inode) text += fmt::format("{} 0t0 ", *r.inode);
  text += "TCP " + endpoint_text(r.local);
  if (has_peer) text += "->" + endpoint_text(r.remote);
  if (r.state != tcp::state::unknown) {
    text += fmt::format(" ({})", state_words[static_cast<std::size_t>(r.state)]);
  }
  if (r.receive_queue) text += fmt::format(" QR={}", *r.receive_queue);
  if (r.send_queue) text += fmt::format(" QS={}", *r.send_queue);
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  check_reader(line, read_lsof_row, in_layout);
  expect(!read_lsof_row(line) || !read_lsof_other(line));
  return 0;
}
