#include "waitstate/netlab/program.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <exception>
#include <stdexcept>

#include "waitstate/base/fd.h"

namespace waitstate::netlab {
namespace {

constexpr int ready_within_ms = 30'000;

void say(int to, char kind, std::string_view text) {
  const auto line = kind + std::string(text) + "\n";
  if (::write(to, line.data(), line.size()) < 0) ::_exit(1);
}

[[noreturn]] void live(const std::string& name,
                       const std::function<void(const program::ready&)>& body, int to_test) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, name.c_str());
  ::signal(SIGPIPE, SIG_IGN);
  bool told = false;
  const auto tell = [&](std::string_view text) {
    if (!told) say(to_test, '+', text);
    told = true;
  };
  try {
    body(tell);
    tell("");
  } catch (const std::exception& e) {
    say(to_test, '-', e.what());
  }
  for (;;) ::pause();
}

std::string read_line(int from) {
  std::string line;
  char byte = 0;
  for (;;) {
    pollfd readable{.fd = from, .events = POLLIN, .revents = 0};
    if (::poll(&readable, 1, ready_within_ms) != 1) return "-not ready in time";
    if (::read(from, &byte, 1) != 1) return "-it ended";
    if (byte == '\n') return line;
    line.push_back(byte);
  }
}

}  // namespace

program::program(const std::string& name, const std::function<void(const ready&)>& body) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::runtime_error("pipe");
  const fd from_child(ends[0]);
  pid_ = ::fork();
  if (pid_ == 0) live(name, body, ends[1]);
  ::close(ends[1]);
  const auto line = read_line(from_child.get());
  said_ = line.substr(1);
  if (line.starts_with('-')) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    throw std::runtime_error(name + ": " + said_);
  }
}

program::~program() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace waitstate::netlab
