#include "tests/integration/sidecar_process.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>

#include "test_server.h"
#include "waitstate/netlab/sockets.h"

namespace waitstate::integration_test {

using clock = std::chrono::steady_clock;

sidecar_process::sidecar_process(const std::string& to, const std::vector<std::string>& more) {
  std::vector<std::string> words{
      WAITSTATE_BINARY, "sidecar", "--listen", "127.0.0.1:" + std::to_string(port_), "--to", to};
  words.insert(words.end(), more.begin(), more.end());
  process_.emplace(words, folder_.path());
  if (!netlab::wait_for_port(port_)) throw std::runtime_error("no sidecar: " + output());
}

std::string sidecar_process::output() const {
  std::ifstream log(folder_.path() / "output.log");
  return {std::istreambuf_iterator<char>(log), {}};
}

raw_client::raw_client(std::uint16_t port)
    : socket_(netlab::connect_to({.address = "127.0.0.1", .port = port})) {}

bool raw_client::send(std::string_view bytes) {
  return client::send_all(socket_.get(), bytes);
}

bool raw_client::read_some(std::string& into, clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now());
  pollfd waiting{.fd = socket_.get(), .events = POLLIN, .revents = 0};
  if (left.count() < 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return false;
  std::array<char, 16384> bytes{};
  const auto count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  if (count <= 0) {
    is_at_end_ = true;
    return false;
  }
  into.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

std::string statuses_of(std::string_view responses) {
  constexpr std::string_view begin = "HTTP/1.1 ";
  std::string statuses;
  for (auto at = responses.find(begin); at != std::string_view::npos;
       at = responses.find(begin, at + 1)) {
    if (!statuses.empty()) statuses += ' ';
    statuses += responses.substr(at + begin.size(), 3);
  }
  return statuses;
}

std::string_view body_of(std::string_view response) {
  const auto end = response.find("\r\n\r\n");
  return end == std::string_view::npos ? std::string_view{} : response.substr(end + 4);
}

std::string raw_client::read_responses(int count, std::chrono::milliseconds limit) {
  const auto until = clock::now() + limit;
  const auto enough = static_cast<std::size_t>(count) * 4;
  std::string all;
  while (statuses_of(all).size() + 1 < enough && read_some(all, until)) {
  }
  return all;
}

std::string raw_client::exchange(std::string_view request) {
  std::string all;
  if (!send(request)) return all;
  const auto until = clock::now() + std::chrono::seconds(5);
  for (;;) {
    constexpr std::string_view length = "\r\nContent-Length: ";
    const auto end = all.find("\r\n\r\n");
    const auto line = all.find(length);
    if (end != std::string::npos && line < end) {
      std::size_t size = 0;
      const auto* digits = all.data() + line + length.size();
      std::from_chars(digits, all.data() + end, size);
      if (all.size() >= end + 4 + size) return all;
    }
    if (!read_some(all, until)) return all;
  }
}

bool raw_client::is_closed_within(std::chrono::milliseconds limit) {
  std::string more;
  while (read_some(more, clock::now() + limit)) {
  }
  return is_at_end_ && more.empty();
}

std::string shell_output(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> from(::popen((command + " 2>&1").c_str(), "r"),
                                                   ::pclose);
  std::string all;
  std::array<char, 4096> bytes{};
  for (std::size_t count = 0;
       from && (count = std::fread(bytes.data(), 1, bytes.size(), from.get())) > 0;) {
    all.append(bytes.data(), count);
  }
  return all;
}

std::string read_head(int socket) {
  std::string head;
  std::array<char, 4096> bytes{};
  while (head.find("\r\n\r\n") == std::string::npos) {
    const auto count = ::recv(socket, bytes.data(), bytes.size(), 0);
    if (count <= 0) return {};
    head.append(bytes.data(), static_cast<std::size_t>(count));
  }
  return head;
}

}  // namespace waitstate::integration_test
