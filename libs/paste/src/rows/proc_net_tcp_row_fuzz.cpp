// Rows of /proc/net/tcp: see check_reader().
#include "row_fuzz.h"
#include "rows/readers.h"

namespace {

using namespace waitstate;
using namespace waitstate::paste;

std::optional<std::string> in_layout(const row& r) {
  auto text = fmt::format("   7: {}:{:04X} {}:{:04X} {:02X}", r.local.host, r.local.port,
                          r.remote.host, r.remote.port, static_cast<unsigned>(r.state));
  text += r.send_queue ? fmt::format(" {:08X}:{:08X}", *r.send_queue, *r.receive_queue) : " -";
  text += r.timer != socket_timer::unknown
              ? fmt::format(" {:02X}:{:08X}", static_cast<unsigned>(r.timer), r.timer_ms / 10)
              : " -";
  text += r.uid ? fmt::format(" 00000000 {} 0", *r.uid) : " 00000000 - 0";
  if (r.inode) text += fmt::format(" {} 1 0000000020f12122", *r.inode);
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_reader({reinterpret_cast<const char*>(data), size}, read_proc_net_tcp_row, in_layout);
  return 0;
}
