#include "net/port_range.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "waitstate/base/fd.h"

namespace waitstate::client {
namespace {

constexpr const char* path = "/proc/sys/net/ipv4/ip_local_port_range";

std::optional<std::uint16_t> take_port(std::string_view& text) {
  const auto first = text.find_first_not_of(" \t\n");
  if (first == text.npos) return std::nullopt;
  text.remove_prefix(first);
  std::uint16_t port = 0;
  const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (status != std::errc{} || port == 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  return port;
}

}  // namespace

result<port_range> parse_port_range(std::string_view text) {
  auto left = text;
  const auto first = take_port(left);
  const auto last = take_port(left);
  if (!first || !last || *first > *last || left.find_first_not_of(" \t\n") != left.npos) {
    return failure({.code = errc::corrupt,
                    .what = fmt::format("port range '{}': not two ports in order", text),
                    .hint = {}});
  }
  return port_range{.first = *first, .last = *last};
}

result<port_range> read_port_range() {
  const fd file(::open(path, O_RDONLY | O_CLOEXEC));
  if (!file) return failure(from_errno(errno, fmt::format("open {}", path)));
  std::array<char, 64> text{};
  const auto got = ::read(file.get(), text.data(), text.size());
  if (got < 0) return failure(from_errno(errno, fmt::format("read {}", path)));
  return parse_port_range({text.data(), static_cast<std::size_t>(got)});
}

}  // namespace waitstate::client
