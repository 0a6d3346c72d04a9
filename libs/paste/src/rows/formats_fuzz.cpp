// The example of each format, with two endpoints made from the input: that format's reader gives
// them back, and no other takes the line. Any line at all is safe for every reader.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "example_row.h"
#include "row_fuzz.h"
#include "rows/formats.h"
#include "rows/readers.h"

namespace {

using namespace waitstate;
using namespace waitstate::paste;

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

void check(const row_ends& ends, const format& owner) {
  const auto line = example_with(owner, ends);
  for (const auto& f : formats()) {
    const auto r = f.read(line);
    expect(r.has_value() == (&f == &owner));
    if (!r) continue;
    expect(r->state == tcp::state::close_wait);
    expect(r->local.host == ends.local_host && r->local.port == ends.local_port);
    expect(r->remote.host == ends.remote_host && r->remote.port == ends.remote_port);
  }
  expect(!read_lsof_other(line));
  expect(header_of(line) == table_header::none);
}

/// No reader of lines below a row changes it where it takes nothing.
void check_continuation(const format& f, std::string_view line) {
  if (f.continues == nullptr) return;
  const auto before = *f.read(f.example);
  auto r = before;
  expect(f.continues(line, r) || r == before);
  expect(r.state == before.state && r.local == before.local);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  for (const auto& f : formats()) {
    static_cast<void>(f.read(line));
    if (f.read_without_state != nullptr) static_cast<void>(f.read_without_state(line));
    check_continuation(f, line);
  }
  static_cast<void>(read_lsof_other(line));
  static_cast<void>(header_of(line));

  source from(data, size);
  row_ends ends{from.host(), from.port(), from.host(), from.port()};
  auto hex_ends = ends;
  hex_ends.local_host = fmt::format("{:02X}00007F", from.byte());
  hex_ends.remote_host = fmt::format("{:02X}00000A", from.byte());
  for (const auto& f : formats()) check(has_hex_ends(f) ? hex_ends : ends, f);
  return 0;
}
