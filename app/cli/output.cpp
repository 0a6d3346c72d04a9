#include "app/cli/output.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/cli/terminal.h"

namespace waitstate::cli {
namespace {

int first_write_error = 0;
std::string pending;

/// Waits where standard output does not block and is full: a pipe that another program made so.
void flush_out() {
  std::string_view rest = pending;
  while (!rest.empty() && first_write_error == 0) {
    const auto written = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd out{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
      static_cast<void>(::poll(&out, 1, -1));
    } else if (errno != EINTR) {
      first_write_error = errno;
    }
  }
  pending.clear();
}

failure refused(std::string what, std::string hint) {
  return failure({.code = errc::invalid_input, .what = std::move(what), .hint = std::move(hint)});
}

result<std::size_t> checked_width(const std::string& text) {
  constexpr std::size_t narrowest = 40;
  constexpr std::size_t widest = 1000;
  std::size_t width = 0;
  const auto* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, width);
  if (status != std::errc{} || rest != end || width < narrowest || width > widest) {
    return refused(fmt::format("--width: '{}' is not a number from 40 to 1000", text),
                   "without --width it is the terminal's");
  }
  return width;
}

}  // namespace

void add_output_options(CLI::App& sub, output_options& options) {
  sub.add_flag("--json", options.json, "Print one JSON object; docs/json.md describes it");
  sub.add_option("--width", options.width, "Columns of the text, 40 to 1000; else the terminal's")
      ->type_name("N");
  sub.add_option("--color", options.colour,
                 "auto (on a terminal, unless NO_COLOR is set), always or never")
      ->type_name("WHEN");
}

result<render::text_style> checked(const output_options& options) {
  const auto out = stdout_terminal();
  render::text_style style{.width = out.width, .colour = out.colour, .verbose = options.verbose};
  if (!options.width.empty()) {
    const auto width = checked_width(options.width);
    if (!width) return failure(width.error());
    style.width = *width;
  }
  if (options.colour == "always") {
    style.colour = true;
  } else if (options.colour == "never") {
    style.colour = false;
  } else if (options.colour != "auto") {
    return refused(fmt::format("--color: there is no '{}'", options.colour),
                   "auto, always or never");
  }
  return style;
}

void write_out(std::string_view text) {
  constexpr std::size_t pending_max = 65'536;
  pending += text;
  // A person who watches sees each look as it is made.
  if (pending.size() >= pending_max || ::isatty(STDOUT_FILENO) == 1) flush_out();
}

void write_error(std::string_view text) {
  flush_out();
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

void hold_standard_descriptors() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(number, F_GETFD) >= 0) continue;
    // The other way round, so that its use still fails.
    static_cast<void>(::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY));
  }
}

bool flush_output() {
  flush_out();
  return first_write_error == 0;
}

result<> finish_output() {
  (void)flush_output();
  if (first_write_error == 0 || first_write_error == EPIPE) return {};
  return failure(from_errno(first_write_error, "standard output"));
}

}  // namespace waitstate::cli
