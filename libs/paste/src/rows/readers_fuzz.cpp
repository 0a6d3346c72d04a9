// Two endpoints and a state made from the input, in the layout of each tool: that tool's reader
// gives them back, and no other takes the line. Any line at all is safe for every reader.
#include "row_fuzz.h"
#include "rows/readers.h"

namespace {

using namespace waitstate;
using namespace waitstate::paste;

constexpr std::optional<row> (*readers[])(std::string_view) = {
    read_ss_row,          read_netstat_linux_row, read_netstat_windows_row,
    read_netstat_bsd_row, read_lsof_row,          read_proc_net_tcp_row};

/// Takes bytes from the front of the input; zeros when there are none left.
class source {
 public:
  source(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  std::uint8_t byte() {
    if (at_ == size_) return 0;
    return data_[at_++];
  }
  std::uint16_t port() { return static_cast<std::uint16_t>(byte() << 8 | byte() | 1); }
  std::string host() {
    constexpr std::string_view letters = "0123456789abcdefxX.-_*";
    std::string out;
    for (auto length = 1 + byte() % 20; length > 0; --length)
      out += letters[byte() % letters.size()];
    return out;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

struct connection {
  std::string local_host;
  std::uint16_t local_port;
  std::string remote_host;
  std::uint16_t remote_port;
  std::string local(char mark) const { return local_host + mark + std::to_string(local_port); }
  std::string remote(char mark) const { return remote_host + mark + std::to_string(remote_port); }
};

void check(const connection& c, std::size_t tool, const std::string& line) {
  for (std::size_t i = 0; i < std::size(readers); ++i) {
    const auto r = readers[i](line);
    expect(r.has_value() == (i == tool));
    if (!r) continue;
    expect(r->state == tcp::state::close_wait);
    expect(r->local.host == c.local_host && r->local.port == c.local_port);
    expect(r->remote.host == c.remote_host && r->remote.port == c.remote_port);
  }
  expect(!read_lsof_other(line));
  expect(table_of_header(line) == table::none);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  for (const auto read : readers) static_cast<void>(read(line));
  static_cast<void>(read_lsof_other(line));
  static_cast<void>(table_of_header(line));

  source from(data, size);
  connection c{from.host(), from.port(), from.host(), from.port()};
  check(c, 0, "CLOSE-WAIT 1 0 " + c.local(':') + ' ' + c.remote(':'));
  check(c, 1, "tcp 1 0 " + c.local(':') + ' ' + c.remote(':') + " CLOSE_WAIT -");
  check(c, 2, "  TCP    " + c.local(':') + ' ' + c.remote(':') + " CLOSE_WAIT 7");
  check(c, 3, "tcp4 0 0 " + c.local('.') + ' ' + c.remote('.') + " CLOSE_WAIT");
  check(c, 4,
        "java 7 www 12u IPv4 9 0t0 TCP " + c.local(':') + "->" + c.remote(':') + " (CLOSE_WAIT)");
  c.local_host = fmt::format("{:02X}00007F", from.byte());
  c.remote_host = fmt::format("{:02X}00000A", from.byte());
  check(c, 5,
        fmt::format("   0: {}:{:04X} {}:{:04X} 08 00000000:00000001 00:00000000", c.local_host,
                    c.local_port, c.remote_host, c.remote_port));
  return 0;
}
