#include "judgement/direction.h"

#include <algorithm>
#include <iterator>

namespace waitstate::diagnosis {
namespace {

/// A client's connections go to a few back ends; so many different peers are clients.
constexpr std::size_t many_peers = 5;

bool has_an_address(const socket_group& g) {
  return g.key.remote.address.is_known() || g.key.local.address.is_known();
}

bool has_listener(const snapshot& s) {
  return !s.listeners.empty() || s.states().of(tcp::state::listen) > 0;
}

bool failed_to_accept(const snapshot& s) {
  return std::ranges::any_of(s.messages, [](const message& m) {
    return m.kind == message_kind::too_many_open_files && m.text.contains("accept");
  });
}

/// Who of a host with counters opens nearly all of its connections: twenty to one.
direction opens_mostly(const snapshot& s) {
  constexpr std::uint64_t nearly_all = 20;
  std::uint64_t active = 0;
  std::uint64_t passive = 0;
  for (const auto& ns : s.namespaces) {
    active += ns.counter("Tcp.ActiveOpens").value_or(0);
    passive += ns.counter("Tcp.PassiveOpens").value_or(0);
  }
  if (active > 0 && passive > nearly_all * active) return direction::inbound;
  if (passive > 0 && active > nearly_all * passive) return direction::outbound;
  return direction::unknown;
}

constexpr sided guess(direction d) {
  return {.direction = d, .is_guessed = true};
}

}  // namespace

sided side_of(const snapshot& s, const socket_group& g) {
  if (g.key.direction != direction::unknown) return {.direction = g.key.direction};
  const bool local_port = g.key.local.port != 0;
  const bool remote_port = g.key.remote.port != 0;
  if (has_an_address(g) && local_port != remote_port) {
    return guess(remote_port ? direction::outbound : direction::inbound);
  }
  return guess(s.source == source_kind::live ? direction::outbound : direction::unknown);
}

bool is_within_host(const socket_group& g) {
  const auto& local = g.key.local.address;
  const auto& remote = g.key.remote.address;
  return remote.is_loopback() || (remote.is_known() && remote == local);
}

bool only_serves(std::string_view program) {
  constexpr std::string_view servers[] = {
      "apache2",   "httpd",  "lighttpd", "mysqld", "mariadbd", "postgres", "redis-server",
      "memcached", "mongod", "docker",   "slapd",  "dockerd",  "sshd",     "dropbear",
      "vsftpd",    "smbd",   "proftpd",  "cupsd",  "xinetd",   "dovecot",  "pure-ftpd"};
  return std::ranges::find(servers, program) != std::end(servers);
}

sided side_of(const snapshot& s, const undirected_sockets& sockets) {
  // Local addresses alone are the source addresses of a client: a server's are one.
  if (sockets.peers == 0 && sockets.local_addresses > 1) return guess(direction::outbound);
  if (const auto mostly = opens_mostly(s); mostly != direction::unknown) return guess(mostly);
  if (has_listener(s) || failed_to_accept(s)) return guess(direction::inbound);
  const bool many_to_one = sockets.peers >= many_peers && sockets.local_addresses <= 1;
  return guess(many_to_one && sockets.port == 0 ? direction::inbound : direction::outbound);
}

}  // namespace waitstate::diagnosis
