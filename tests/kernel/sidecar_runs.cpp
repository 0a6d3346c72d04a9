#include "tests/kernel/sidecar_runs.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace waitstate::kernel_test {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 20s;
constexpr int callers = 4;
constexpr std::size_t troubles_kept = 5;

std::string contents_of(const std::string& path) {
  std::ostringstream all;
  all << std::ifstream(path).rdbuf();
  return all.str();
}

std::vector<std::string> command(std::vector<std::string> before, const std::string& config) {
  before.insert(before.end(), {WAITSTATE_BINARY, "sidecar", "--config", config});
  return before;
}

call_answer ask(const std::function<fd()>& connect, const std::string& request) {
  call_answer a;
  try {
    const auto socket = connect();
    const timeval longest{.tv_sec = 40, .tv_usec = 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
    if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size())) {
      throw std::system_error(errno, std::generic_category(), "send");
    }
    std::array<char, 4096> bytes{};
    for (;;) {
      const auto got = ::recv(socket.get(), bytes.data(), bytes.size(), 0);
      if (got < 0) throw std::system_error(errno, std::generic_category(), "recv");
      if (got == 0) break;
      a.text.append(bytes.data(), static_cast<std::size_t>(got));
    }
    if (!a.text.starts_with("HTTP/1.1 200 ")) a.trouble = "answered: " + a.text.substr(0, 300);
  } catch (const std::system_error& e) {
    a.trouble = e.what();
  }
  return a;
}

}  // namespace

fd connect_to_path(const std::string& path) {
  fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  path.copy(to.sun_path, sizeof to.sun_path - 1);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    throw std::system_error(errno, std::generic_category(), "connect");
  }
  return socket;
}

running_sidecar::running_sidecar(const std::string& toml, std::vector<std::string> before)
    : process_(command(std::move(before), folder_.write("sidecar.toml", toml)), folder_.path()) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (said().find("route '") == std::string::npos) {
    if (!process_.is_running() || std::chrono::steady_clock::now() > until) {
      throw std::runtime_error("the sidecar does not run: " + said());
    }
    std::this_thread::sleep_for(10ms);
  }
}

void running_sidecar::change_to(const std::string& toml) {
  const auto path = folder_.write("sidecar.toml.new", toml);
  std::filesystem::rename(path, folder_.path() / "sidecar.toml");
  ::kill(process_.pid(), SIGHUP);
}

std::string running_sidecar::said() const {
  return contents_of((folder_.path() / "output.log").string());
}

running_nginx::running_nginx(std::uint16_t port, std::string name, std::string settings)
    : port_(port) {
  const auto at = folder_.path().string();
  config_ = folder_.write(
      "nginx.conf",
      fmt::format("daemon off; worker_processes 1; pid {0}/pid; error_log {0}/error.log;\n"
                  "events {{ worker_connections 1024; }}\n"
                  "http {{ access_log off; client_body_temp_path {0}/body;\n"
                  "proxy_temp_path {0}/proxy; fastcgi_temp_path {0}/fastcgi;\n"
                  "uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/scgi;\n{1}\n"
                  "server {{ listen 127.0.0.1:{2}; location / {{ return 200 {3}; }} }} }}\n",
                  at, settings, port, name));
  ::chmod(at.c_str(), 0755);
  start();
}

void running_nginx::start() {
  const auto at = folder_.path().string();
  process_.emplace(std::vector<std::string>{"/usr/sbin/nginx", "-c", config_, "-p", at}, at);
  if (!wait_for_port(port_)) throw std::runtime_error("nginx does not run: " + at);
}

std::string call_answer::body() const {
  const auto end = text.find("\r\n\r\n");
  return end == text.npos ? std::string() : text.substr(end + 4);
}

call_answer call_once(std::uint16_t front, const std::string& request) {
  return ask([front] { return connect_to({.address = "127.0.0.1", .port = front}); }, request);
}

call_answer call_once(const std::string& front, const std::string& request) {
  return ask([&front] { return connect_to_path(front); }, request);
}

std::string get_once(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
}

std::string post_once(const std::string& path, const std::string& body) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}", path,
      body.size(), body);
}

calls_made call_many(int count, const std::function<call_answer(int)>& call) {
  calls_made all;
  std::mutex lock;
  std::atomic<int> next{0};
  const auto work = [&] {
    for (int i = next++; i < count; i = next++) {
      const auto a = call(i);
      const std::scoped_lock held(lock);
      if (a.trouble.empty()) {
        ++all.answers[a.body()];
        continue;
      }
      ++all.failed;
      if (all.troubles.size() < troubles_kept) {
        all.troubles.push_back(fmt::format("call {}: {}", i, a.trouble));
      }
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(callers);
  for (int i = 0; i < callers; ++i) threads.emplace_back(work);
  for (auto& t : threads) t.join();
  return all;
}

int calls_wanted() {
  const char* said = std::getenv("WAITSTATE_SIDECAR_CALLS");
  return said == nullptr ? 20'000 : std::atoi(said);
}

}  // namespace waitstate::kernel_test
