#include "sidecar_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>

namespace waitstate::sidecar {
namespace {

/// A port that was free a moment ago.
std::uint16_t free_port() {
  const client::test_server probe(client::test_server::echo);
  return probe.at().port;
}

}  // namespace

client::test_server::behaviour sidecar_fixture::answering(answer_to what) {
  return [what = std::move(what)](int socket) {
    for (;;) {
      const auto request = read_request(socket);
      if (request.empty() || !client::send_all(socket, what(request))) return;
    }
  };
}

std::string sidecar_fixture::read_request(int socket) {
  std::string all;
  char byte = 0;
  while (!all.ends_with("\r\n\r\n") && ::recv(socket, &byte, 1, 0) == 1) all += byte;
  return all;
}

std::string sidecar_fixture::read_exactly(int socket, std::size_t bytes) {
  std::string all;
  char byte = 0;
  while (all.size() < bytes && ::recv(socket, &byte, 1, 0) == 1) all += byte;
  return all;
}

std::string sidecar_fixture::read_frame(int socket) {
  const auto length = read_exactly(socket, 4);
  if (length.size() < 4) return {};
  std::size_t size = 0;
  for (const char byte : length) size = size << 8 | static_cast<std::uint8_t>(byte);
  return read_exactly(socket, size);
}

void sidecar_fixture::reset_on_close(int socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void sidecar_fixture::start(const client::test_server& server,
                            const std::function<void(route&)>& change) {
  start_to(server.at(), change);
}

void sidecar_fixture::start_to(const client::endpoint& server,
                               const std::function<void(route&)>& change) {
  front_ = {.host = "127.0.0.1", .port = free_port()};
  auto c = single_route(client::to_string(front_), {scheme_ + "://" + client::to_string(server)})
               .value();
  if (change) change(c.routes.front());
  running_ = sidecar::start(std::move(c), [](const std::string&) {}).value();
}

fd sidecar_fixture::connected_to(const client::endpoint& front) {
  fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(front.port);
  if (::connect(client.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) {
    throw std::runtime_error("connect to the sidecar");
  }
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(client.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return client;
}

std::string sidecar_fixture::ask(std::string_view request, bool* was_reset) const {
  const auto client = connected();
  client::send_all(client.get(), request);
  std::string all;
  std::array<char, 4096> bytes{};
  for (;;) {
    const auto got = ::recv(client.get(), bytes.data(), bytes.size(), 0);
    if (got < 0 && was_reset != nullptr) *was_reset = errno == ECONNRESET;
    if (got <= 0) return all;
    all.append(bytes.data(), static_cast<std::size_t>(got));
  }
}

std::uint64_t sidecar_fixture::figure_of(std::string_view name) const {
  std::uint64_t all = 0;
  for (const auto& r : running_->status()) {
    for (const auto& f : r.figures) {
      if (f.name == name) all += f.count;
    }
  }
  return all;
}

}  // namespace waitstate::sidecar
