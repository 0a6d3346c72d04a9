// Rows of ss: see check_reader(). A line that does not go on with a row leaves it as it was.
#include "row_fuzz.h"
#include "rows/readers.h"

namespace {

using namespace waitstate;
using namespace waitstate::paste;

constexpr std::string_view state_words[] = {
    "",       "ESTAB",      "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2",   "TIME-WAIT",
    "UNCONN", "CLOSE-WAIT", "LAST-ACK", "LISTEN",   "CLOSING",    "NEW-SYN-RECV", "BOUND-INACTIVE"};
constexpr std::string_view timer_words[] = {"off", "on", "keepalive", "timewait", "persist"};

std::optional<std::string> in_layout(const row& r) {
  const bool has_peer = !r.remote.host.empty();
  if (!is_writable(r.local) || (has_peer && !is_writable(r.remote))) return std::nullopt;
  if (r.program.find_first_of(":(") != std::string_view::npos) return std::nullopt;
  // An age too large to hold, with another behind it, cannot be written.
  if (r.last_ack_ms && !r.last_data_ms) return std::nullopt;
  auto text = fmt::format("tcp {} {} {} {}", state_words[static_cast<std::size_t>(r.state)],
                          *r.receive_queue, *r.send_queue, endpoint_text(r.local));
  if (has_peer) text += ' ' + endpoint_text(r.remote);
  if (!r.program.empty() || r.pid != 0) {
    text += fmt::format(" users:((\"{}\",pid={},fd=3))", r.program, r.pid);
  }
  if (r.timer != socket_timer::unknown) {
    text += fmt::format(" timer:({},{}ms,{})", timer_words[static_cast<std::size_t>(r.timer)],
                        r.timer_ms, r.retransmits);
  }
  if (r.uid) text += fmt::format(" uid:{}", *r.uid);
  if (r.inode) text += fmt::format(" ino:{}", *r.inode);
  if (r.cookie != 0) text += fmt::format(" sk:{:x}", r.cookie);
  if (r.last_data_ms) text += fmt::format(" lastrcv:{}", *r.last_data_ms);
  if (r.last_ack_ms) text += fmt::format(" lastack:{}", *r.last_ack_ms);
  return text;
}

void check_continuation(std::string_view line) {
  constexpr std::string_view before_line = "ESTAB 0 0 10.0.0.7:80";
  const auto before = *read_ss_row(before_line);
  auto r = before;
  if (!read_ss_continuation(line, r)) {
    expect(r == before);
    return;
  }
  expect(r.local == before.local && r.state == before.state);
  expect(!read_ss_row(line));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  check_reader(line, read_ss_row, in_layout);
  check_continuation(line);
  return 0;
}
