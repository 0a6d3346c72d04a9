#include "waitstate/sidecar/hand_over.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace waitstate::sidecar {
namespace {

constexpr std::string_view asked =
    "POST /hand-over HTTP/1.1\r\nHost: sidecar\r\nContent-Length: 0\r\n\r\n";
constexpr std::size_t names_max = 64U << 10;

/// Room for the descriptors of one message, as the kernel wants it aligned.
union ancillary {
  std::array<char, CMSG_SPACE(handed_max * sizeof(int))> bytes;
  cmsghdr align;
};

bool is_listener(int socket) {
  int listens = 0;
  socklen_t size = sizeof listens;
  return ::getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0;
}

}  // namespace

result<> send_sockets(int to, const handed_sockets& sockets) {
  if (sockets.empty() || sockets.size() > handed_max) {
    return failure({.code = errc::unsupported,
                    .what = fmt::format("{} listening sockets: from 1 to {} can be handed over",
                                        sockets.size(), handed_max),
                    .hint = "socket units of the service manager outlive the process"});
  }
  std::string names;
  std::array<int, handed_max> numbers{};
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    names += sockets[i].name + '\n';
    numbers.at(i) = sockets[i].socket.get();
  }
  ancillary room{};
  iovec text{.iov_base = names.data(), .iov_len = names.size()};
  const auto size = sockets.size() * sizeof(int);
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = room.bytes.data();
  message.msg_controllen = CMSG_SPACE(size);
  auto* const head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(size);
  std::memcpy(CMSG_DATA(head), numbers.data(), size);
  const auto sent = ::sendmsg(to, &message, MSG_NOSIGNAL);
  if (sent < 0) return failure(from_errno(errno, "hand over"));
  if (static_cast<std::size_t>(sent) < names.size()) {
    return failure({.code = errc::unavailable, .what = "hand over: not all was taken", .hint = {}});
  }
  return {};
}

result<handed_sockets> receive_sockets(int from) {
  std::string names(names_max, '\0');
  ancillary room{};
  iovec text{.iov_base = names.data(), .iov_len = names.size()};
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = room.bytes.data();
  message.msg_controllen = room.bytes.size();
  const auto got = ::recvmsg(from, &message, MSG_CMSG_CLOEXEC);
  if (got < 0) return failure(from_errno(errno, "take over"));
  std::vector<fd> sockets;
  for (auto* head = CMSG_FIRSTHDR(&message); head != nullptr; head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
    const auto count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(head) + i * sizeof(int), sizeof number);
      sockets.emplace_back(number);
    }
  }
  names.resize(static_cast<std::size_t>(got));
  handed_sockets all;
  std::string_view rest = names;
  for (auto& socket : sockets) {
    const auto end = rest.find('\n');
    if (end == rest.npos || !is_listener(socket.get())) break;
    all.push_back({.name = std::string(rest.substr(0, end)), .socket = std::move(socket)});
    rest.remove_prefix(end + 1);
  }
  if (all.empty() || all.size() != sockets.size() || !rest.empty()) {
    return failure({.code = errc::corrupt,
                    .what = "take over: what came is no list of listening sockets",
                    .hint = {}});
  }
  return all;
}

result<handed_sockets> ask_for_sockets(const std::string& admin) {
  const auto cannot = [&] {
    auto e = from_errno(errno, fmt::format("take over: admin socket '{}'", admin));
    e.hint = "--admin PATH names that of the one that runs";
    return failure(std::move(e));
  };
  sockaddr_un path{};
  path.sun_family = AF_UNIX;
  if (admin.size() >= sizeof path.sun_path) {
    errno = ENAMETOOLONG;
    return cannot();
  }
  std::memcpy(path.sun_path, admin.c_str(), admin.size() + 1);
  const fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return cannot();
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&path), sizeof path) != 0 ||
      ::send(socket.get(), asked.data(), asked.size(), MSG_NOSIGNAL) < 0) {
    return cannot();
  }
  return receive_sockets(socket.get());
}

}  // namespace waitstate::sidecar
