#include "waitstate/remedy/journal.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

namespace waitstate::remedy {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// Its queue holds ten datagrams unless somebody raised net.unix.max_dgram_qlen: a burst waits for
/// it. One that does not read for so long hangs, and must not hold up what is done.
constexpr timeval patience{.tv_sec = 0, .tv_usec = 500'000};
constexpr auto without_it = 30s;

}  // namespace

journal::journal(std::string socket)
    : path_(std::move(socket)), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  if (!socket_) return;
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

/// A value with a line end, or any other control character, is sent by its length.
std::string journal::datagram(const fields& entry) {
  std::string out;
  for (const auto& [name, value] : entry) {
    out += name;
    const bool is_one_line =
        std::ranges::none_of(value, [](unsigned char c) { return c < 0x20 && c != '\t'; });
    if (is_one_line) {
      out += '=' + value + '\n';
      continue;
    }
    out += '\n';
    for (unsigned byte = 0; byte < 8; ++byte) {
      out += static_cast<char>(static_cast<std::uint64_t>(value.size()) >> (8 * byte) & 0xffU);
    }
    out += value + '\n';
  }
  return out;
}

bool journal::send(const fields& entry) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (!socket_ || path_.size() >= sizeof(to.sun_path)) return false;
  if (steady_clock::now() < not_before_) return false;
  std::ranges::copy(path_, to.sun_path);
  const auto bytes = datagram(entry);
  const auto sent = ::sendto(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&to), sizeof(to));
  if (sent < 0 && errno == EAGAIN) not_before_ = steady_clock::now() + without_it;
  return sent == static_cast<ssize_t>(bytes.size());
}

}  // namespace waitstate::remedy
