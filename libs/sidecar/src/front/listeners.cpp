#include "front/listeners.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "front/listening_socket.h"

namespace waitstate::sidecar {

namespace {

constexpr std::string_view unix_prefix = "unix:";
constexpr std::string_view inherited_prefix = "systemd:";

}  // namespace

listeners::~listeners() {
  for (const auto& [name, sockets] : open_) remove_path(name);
}

void listeners::remove_path(const std::string& name) const {
  if (are_paths_ours_ && name.starts_with(unix_prefix)) ::unlink(name.c_str() + unix_prefix.size());
}

std::vector<fd> listeners::take_handed(const std::string& name) {
  std::vector<fd> taken;
  for (auto& one : handed_) {
    if (one.name == name) taken.push_back(std::move(one.socket));
  }
  std::erase_if(handed_, [&](const auto& one) { return one.name == name; });
  return taken;
}

result<std::vector<fd>> listeners::open_one(const front_address& front) {
  // A path can be bound once; an address by each loop, so that the kernel spreads the clients.
  const bool is_shared = loops_ > 1 && !front.at.is_unix() && front.inherited.empty();
  auto handed = take_handed(to_string(front));
  // Of another number of loops than before, some would be without a socket of their own.
  if (!handed.empty() && (!is_shared || handed.size() == loops_)) return handed;
  if (!front.inherited.empty()) {
    auto opened = from_manager_.named(front.inherited);
    if (opened && opened->empty()) {
      return failure(
          {.code = errc::not_found,
           .what = fmt::format("listen on {}: no such socket was handed over", to_string(front)),
           .hint = fmt::format("FileDescriptorName={} in the socket unit", front.inherited)});
    }
    return opened;
  }
  std::vector<fd> sockets;
  for (std::size_t i = 0; i < (is_shared ? loops_ : 1); ++i) {
    auto socket = open_listener(front.at, is_shared);
    if (!socket) return failure(std::move(socket).error());
    sockets.push_back(*std::move(socket));
  }
  return sockets;
}

result<> listeners::open(const std::vector<route>& for_routes) {
  std::map<std::string, std::vector<fd>> opened;
  for (const auto& r : for_routes) {
    for (const auto& front : r.listen) {
      const auto name = to_string(front);
      if (open_.contains(name) || opened.contains(name)) continue;
      auto sockets = open_one(front);
      if (!sockets) {
        for (const auto& [path, unused] : opened) remove_path(path);
        return failure(in_step(fmt::format("route '{}'", r.name), std::move(sockets).error()));
      }
      opened.emplace(name, *std::move(sockets));
    }
  }
  open_.merge(opened);
  return {};
}

void listeners::close_all_but(const std::vector<route>& needed) {
  std::set<std::string> kept;
  for (const auto& r : needed) {
    for (const auto& front : r.listen) kept.insert(to_string(front));
  }
  std::erase_if(open_, [&](const auto& one) {
    if (kept.contains(one.first)) return false;
    remove_path(one.first);
    return true;
  });
}

void listeners::take_no_more() const {
  for (const auto& [name, sockets] : open_) {
    if (name.starts_with(inherited_prefix)) continue;
    for (const auto& socket : sockets) std::ignore = ::listen(socket.get(), 0);
  }
}

result<handed_sockets> listeners::hand_over() const {
  handed_sockets copies;
  for (const auto& [name, sockets] : open_) {
    for (const auto& socket : sockets) {
      fd copy(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0));
      if (!copy) return failure(from_errno(errno, name));
      copies.push_back({.name = name, .socket = std::move(copy)});
    }
  }
  return copies;
}

result<std::vector<fd>> listeners::of(const route& r, std::size_t loop) const {
  std::vector<fd> copies;
  for (const auto& front : r.listen) {
    const auto& sockets = open_.at(to_string(front));
    const bool is_of_each_loop = loops_ > 1 && front.inherited.empty() && !front.at.is_unix();
    for (std::size_t i = 0; i < sockets.size(); ++i) {
      if (is_of_each_loop && i != loop) continue;
      fd copy(::fcntl(sockets[i].get(), F_DUPFD_CLOEXEC, 0));
      if (!copy) return failure(from_errno(errno, fmt::format("route '{}'", r.name)));
      copies.push_back(std::move(copy));
    }
  }
  return copies;
}

}  // namespace waitstate::sidecar
