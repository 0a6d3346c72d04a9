#include "front/inherited_sockets.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace waitstate::sidecar {
namespace {

constexpr int first_inherited = 3;
constexpr int inherited_max = 1'024;

std::string taken(const char* name) {
  const char* const value = std::getenv(name);
  std::string text = value == nullptr ? "" : value;
  ::unsetenv(name);
  return text;
}

int number_in(const std::string& text) {
  int number = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data(), end, number);
  return status == std::errc{} && stop == end ? number : 0;
}

bool is_listener(int socket) {
  int listens = 0;
  socklen_t size = sizeof listens;
  return ::getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0;
}

}  // namespace

result<inherited_sockets> inherited_sockets::take() {
  inherited_sockets all;
  const auto pid = taken("LISTEN_PID");
  const auto count = number_in(taken("LISTEN_FDS"));
  const auto names = taken("LISTEN_FDNAMES");
  if (number_in(pid) != ::getpid() || count <= 0) return all;
  if (count > inherited_max) {
    return failure({.code = errc::invalid_input,
                    .what = fmt::format("LISTEN_FDS: {} sockets are too many", count),
                    .hint = {}});
  }
  std::string_view rest = names;
  for (int i = 0; i < count; ++i) {
    const auto colon = rest.find(':');
    const auto name = rest.substr(0, colon);
    rest = colon == rest.npos ? std::string_view() : rest.substr(colon + 1);
    fd socket(first_inherited + i);
    ::fcntl(socket.get(), F_SETFD, FD_CLOEXEC);
    if (!is_listener(socket.get())) {
      return failure(
          {.code = errc::invalid_input,
           .what = fmt::format("LISTEN_FDS: descriptor {} is no listening socket", socket.get()),
           .hint = "ListenStream= in the socket unit, and Accept=no"});
    }
    all.sockets_.emplace(name.empty() ? "unknown" : std::string(name), std::move(socket));
  }
  return all;
}

result<std::vector<fd>> inherited_sockets::named(const std::string& name) const {
  std::vector<fd> found;
  const auto [begin, end] = sockets_.equal_range(name);
  for (auto at = begin; at != end; ++at) {
    fd copy(::fcntl(at->second.get(), F_DUPFD_CLOEXEC, first_inherited));
    if (!copy) return failure(from_errno(errno, fmt::format("socket '{}'", name)));
    found.push_back(std::move(copy));
  }
  return found;
}

}  // namespace waitstate::sidecar
