#include "waitstate/netlab/server_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "waitstate/base/fd.h"

namespace waitstate::netlab {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 20s;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(port);
  return to;
}

fd tcp_socket() {
  return fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

[[noreturn]] void become(std::vector<char*> argv, const std::string& folder) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto log = folder + "/output.log";
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (out < 0) ::_exit(126);
  ::dup2(out, 1);
  ::dup2(out, 2);
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

}  // namespace

temporary_folder::temporary_folder() {
  auto name = (std::filesystem::temp_directory_path() / "waitstate-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "mkdtemp");
  }
  path_ = name;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string temporary_folder::write(const std::string& name, const std::string& text) const {
  const auto path = path_ / name;
  std::ofstream(path) << text;
  return path.string();
}

std::uint16_t free_port() {
  const auto probe = tcp_socket();
  auto at = loopback(0);
  socklen_t size = sizeof at;
  if (::bind(probe.get(), reinterpret_cast<sockaddr*>(&at), size) != 0 ||
      ::getsockname(probe.get(), reinterpret_cast<sockaddr*>(&at), &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "a free port");
  }
  return ntohs(at.sin_port);
}

bool wait_for_port(std::uint16_t port) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < until) {
    const auto probe = tcp_socket();
    // Ends with a reset: a TIME-WAIT would be counted by tests that look for them.
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(probe.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    const auto at = loopback(port);
    if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0) return true;
    std::this_thread::sleep_for(20ms);
  }
  return false;
}

server_process::server_process(const std::vector<std::string>& argv,
                               const std::filesystem::path& folder) {
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  pid_ = ::fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ == 0) become(words, folder.string());
}

server_process::~server_process() {
  kill();
}

bool server_process::is_running() {
  if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
  return pid_ > 0;
}

void server_process::kill() {
  if (!is_running()) return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void server_process::terminate() {
  if (!is_running()) return;
  ::kill(pid_, SIGTERM);
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (is_running() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(10ms);
  kill();
}

void server_process::pause() const {
  ::kill(pid_, SIGSTOP);
}

void server_process::resume() const {
  ::kill(pid_, SIGCONT);
}

}  // namespace waitstate::netlab
