#include "waitstate/netlab/private_network.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include <fmt/format.h>

#include "waitstate/base/fd.h"

namespace waitstate::netlab {
namespace {

constexpr std::string_view far_hardware = "02:00:00:00:00:02";

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void bring_loopback_up() {
  const fd control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (::ioctl(control.get(), SIOCSIFFLAGS, &request) != 0) fail("bring lo up");
}

void run(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw std::runtime_error(command);  // NOLINT: fixed words
}

}  // namespace

void enter_private_network() {
  if (::unshare(CLONE_NEWNET) != 0) fail("unshare the network");
  bring_loopback_up();
}

void set_sysctl(std::string_view name, std::string_view value) {
  std::string path(name);
  std::ranges::replace(path, '.', '/');
  path = "/proc/sys/" + path;
  const fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file || ::write(file.get(), value.data(), value.size()) < 0) fail(path);
}

int join_second_network(const std::string& near, const std::string& far) {
  std::array<int, 2> ready{};
  if (::pipe(ready.data()) != 0) fail("pipe");
  const fd reader(ready[0]);
  const int child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const bool entered = ::unshare(CLONE_NEWNET) == 0;
    if (entered) bring_loopback_up();
    if (!entered || ::write(ready[1], "r", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  ::close(ready[1]);
  char byte = 0;
  if (child < 0 || ::read(reader.get(), &byte, 1) != 1) fail("second network");
  const bool is_v6 = near.find(':') != near.npos;
  const auto* const length = is_v6 ? "64 nodad" : "24";
  run(fmt::format("ip link add near type veth peer name far address {} netns {}", far_hardware,
                  child));
  run(fmt::format("ip addr add {}/{} dev near && ip link set near up", near, length));
  run(fmt::format("nsenter -t {} -n ip addr add {}/{} dev far", child, far, length));
  run(fmt::format("nsenter -t {} -n ip link set far up", child));
  return child;
}

void answer_no_more(int pid, const std::string& near, const std::string& far) {
  // Who is at the far address must stay known, or the near kernel gives up before TCP does.
  run(fmt::format("ip neigh replace {} lladdr {} dev near nud permanent", far, far_hardware));
  const auto* const length = near.find(':') != near.npos ? "128" : "32";
  run(fmt::format("nsenter -t {} -n ip route add blackhole {}/{}", pid, near, length));
}

void enter_network_of(int pid) {
  const auto path = fmt::format("/proc/{}/ns/net", pid);
  const fd ns(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!ns || ::setns(ns.get(), CLONE_NEWNET) != 0) fail(path);
}

}  // namespace waitstate::netlab
