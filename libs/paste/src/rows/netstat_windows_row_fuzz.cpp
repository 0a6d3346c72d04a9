// Rows of netstat of Windows: see check_reader(). A line that names no program leaves the row as it
// was.
#include "row_fuzz.h"
#include "rows/readers.h"

namespace {

using namespace waitstate;
using namespace waitstate::paste;

constexpr std::string_view state_words[] = {
    "NIEMAND", "ESTABLISHED", "SYN_SENT", "SYN_RECEIVED", "FIN_WAIT_1", "FIN_WAIT_2",   "TIME_WAIT",
    "CLOSED",  "CLOSE_WAIT",  "LAST_ACK", "LISTENING",    "CLOSING",    "NEW_SYN_RECV", "BOUND"};

std::optional<std::string> in_layout(const row& r) {
  if (!is_writable(r.local) || !is_writable(r.remote)) return std::nullopt;
  auto text = fmt::format("  TCP    {}   {}   {}", endpoint_text(r.local, ':', "0"),
                          endpoint_text(r.remote, ':', "0"),
                          state_words[static_cast<std::size_t>(r.state)]);
  if (r.pid != 0 || r.owner_shown_empty) text += fmt::format("   {}", r.pid);
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  check_reader(line, read_netstat_windows_row, in_layout);

  row r;
  if (read_windows_program(line, r)) {
    expect(line.find('[' + std::string(r.program) + ']') != std::string_view::npos);
  } else {
    expect(r == row{});
  }
  return 0;
}
