// A file that is read twice has twice as many sockets and the same totals of both families; a line
// reads the same with a line end behind it. No text breaks a reader.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "waitstate/procfs/fd_limits.h"
#include "waitstate/procfs/file_table.h"
#include "waitstate/procfs/sockstat.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  socket_totals once;
  procfs::add_sockstat(once, text);
  socket_totals twice = once;
  procfs::add_sockstat(twice, text);
  if (once.in_use && twice.in_use != *once.in_use * 2) std::abort();
  if (twice.time_wait != once.time_wait) std::abort();

  const auto line = text.substr(0, text.find('\n'));
  const auto found = procfs::read_sockstat_line(line);
  socket_totals of_line;
  procfs::add_sockstat(of_line, std::string(line) + "\n");
  const bool of_tcp = found && found->what != procfs::sockstat_line::kind::other;
  if (of_line.in_use.has_value() != of_tcp) std::abort();

  const auto limits = procfs::read_fd_limits(line);
  if (limits && procfs::parse_fd_limits(line) != *limits) std::abort();
  const auto files = procfs::parse_file_table(line);
  if (files.max && !files.open) std::abort();
  return 0;
}
