#include "app/cli/terminal.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace waitstate::cli {
namespace {

constexpr std::size_t width_min = 40;
constexpr std::size_t width_max = 1000;

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view{} : std::string_view(value);
}

std::size_t width_of_environment(std::size_t otherwise) {
  const auto text = environment("COLUMNS");
  std::size_t columns = 0;
  const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), columns);
  return status == std::errc{} && columns > 0 ? columns : otherwise;
}

}  // namespace

terminal stdout_terminal() {
  terminal out;
  winsize size{};
  const bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
  const bool knows_size =
      is_terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  out.width = knows_size ? size.ws_col : width_of_environment(out.width);
  out.width = std::clamp(out.width, width_min, width_max);
  out.colour = is_terminal && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  return out;
}

}  // namespace waitstate::cli
