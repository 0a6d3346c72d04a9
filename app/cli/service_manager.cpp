#include "app/cli/service_manager.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <fmt/format.h>

namespace waitstate::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, value);
  if (text.empty() || status != std::errc{} || rest != end || value <= 0) return std::nullopt;
  return value;
}

/// A watchdog that waits for another process is none of ours.
std::optional<milliseconds> watchdog_third() {
  const auto microseconds = number(variable("WATCHDOG_USEC"));
  const auto pid = variable("WATCHDOG_PID");
  if (!microseconds || (!pid.empty() && number(pid) != ::getpid())) return std::nullopt;
  return milliseconds(std::max<std::int64_t>(*microseconds / 3'000, 1));
}

}  // namespace

service_manager::service_manager()
    : path_(variable("NOTIFY_SOCKET")), tick_every_(watchdog_third()) {
  const bool is_address = path_.starts_with('/') || path_.starts_with('@');
  if (!is_address) return;
  socket_ = fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  // One that does not read must not hold us up.
  constexpr timeval patience{.tv_sec = 0, .tv_usec = 500'000};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

void service_manager::ready(std::string_view status) {
  tell(fmt::format("READY=1\nSTATUS={}", status));
}

void service_manager::reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto microseconds = now.tv_sec * 1'000'000 + now.tv_nsec / 1'000;
  tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", microseconds));
}

void service_manager::stopping() {
  tell("STOPPING=1");
}

void service_manager::tick() {
  if (!tick_every_ || steady_clock::now() - last_tick_ < *tick_every_) return;
  last_tick_ = steady_clock::now();
  tell("WATCHDOG=1", MSG_DONTWAIT);
}

void service_manager::tell(std::string_view message, int how) {
  sockaddr_un to{};
  if (!socket_ || path_.size() >= sizeof(to.sun_path)) return;
  to.sun_family = AF_UNIX;
  std::ranges::copy(path_, to.sun_path);
  if (path_.front() == '@') to.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
  // Whoever does not listen misses it.
  static_cast<void>(::sendto(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL | how,
                             reinterpret_cast<const sockaddr*>(&to), length));
}

}  // namespace waitstate::cli
