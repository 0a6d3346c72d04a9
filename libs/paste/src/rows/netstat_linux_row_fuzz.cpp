// Rows of netstat of Linux: see check_reader().
#include "row_fuzz.h"
#include "rows/readers.h"

namespace {

using namespace waitstate;
using namespace waitstate::paste;

constexpr std::string_view state_words[] = {
    "NIEMAND", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",    "TIME_WAIT",
    "CLOSE",   "CLOSE_WAIT",  "LAST_ACK", "LISTEN",   "CLOSING",   "NEW_SYN_RECV", "BOUND"};
constexpr std::string_view timer_words[] = {"off", "on", "keepalive", "timewait", "probe"};

std::optional<std::string> in_layout(const row& r) {
  if (!is_writable(r.local) || !is_writable(r.remote)) return std::nullopt;
  if (r.program.find('(') != std::string_view::npos) return std::nullopt;
  std::string text = "tcp ";
  if (r.receive_queue) text += fmt::format("{} {} ", *r.receive_queue, *r.send_queue);
  text += fmt::format("{} {} {}", endpoint_text(r.local), endpoint_text(r.remote),
                      state_words[static_cast<std::size_t>(r.state)]);
  if (r.inode)
    text += r.uid ? fmt::format(" {} {}", *r.uid, *r.inode) : fmt::format(" nobody {}", *r.inode);
  if (r.uid && !r.inode) return std::nullopt;
  if (r.owner_shown_empty) text += " -";
  if (!r.program.empty() || r.pid != 0) text += fmt::format(" {}/{}", r.pid, r.program);
  if (r.timer != socket_timer::unknown) {
    text += fmt::format("  {} ({}.{:02}/{}/0)", timer_words[static_cast<std::size_t>(r.timer)],
                        r.timer_ms / 1000, r.timer_ms % 1000 / 10, r.retransmits);
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_reader({reinterpret_cast<const char*>(data), size}, read_netstat_linux_row, in_layout);
  return 0;
}
