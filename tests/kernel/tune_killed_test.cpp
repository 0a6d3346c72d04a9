#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>

#include "tests/kernel/network_test.h"
#include "tests/kernel/settings_tree.h"
#include "waitstate/netlab/server_process.h"

namespace waitstate::kernel_test {
namespace {

namespace fs = std::filesystem;

/// Does the system call change something on the disk or in the kernel, or open a file for that?
bool changes_something(const __ptrace_syscall_info& call) {
  const auto number = static_cast<long>(call.entry.nr);
  if (number == SYS_openat) return (call.entry.args[2] & (O_WRONLY | O_RDWR | O_CREAT)) != 0;
  constexpr std::array all{SYS_write,   SYS_pwrite64, SYS_rename, SYS_renameat,  SYS_renameat2,
                           SYS_unlink,  SYS_unlinkat, SYS_fsync,  SYS_fdatasync, SYS_mkdir,
                           SYS_mkdirat, SYS_fchmod,   SYS_flock,  SYS_ftruncate};
  return std::ranges::find(all, number) != all.end();
}

void set_register(int child, std::size_t offset, unsigned long value) {
  EXPECT_EQ(::ptrace(PTRACE_POKEUSER, child, offset, value), 0);
}

enum class mishap { kill, fail };

/// Runs the binary; before its n-th such call it is killed, or that call fails with EIO. False
/// where it ended before.
bool met_with(mishap what, int n, const std::vector<std::string>& words,
              const std::function<bool(const __ptrace_syscall_info&)>& counts) {
  const int child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
    std::vector<std::string> all{WAITSTATE_BINARY};
    all.insert(all.end(), words.begin(), words.end());
    std::vector<char*> argv;
    for (auto& word : all) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::execv(argv.front(), argv.data());
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);  // The stop at its execve().
  constexpr long traced = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
  EXPECT_EQ(::ptrace(PTRACE_SETOPTIONS, child, nullptr, traced), 0);
  int seen = 0;
  int pass_on = 0;
  bool is_failing = false;
  bool has_failed = false;
  while (true) {
    ::ptrace(PTRACE_SYSCALL, child, nullptr, pass_on);
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status) || WIFSIGNALED(status)) return has_failed;
    constexpr int system_call = SIGTRAP | 0x80;
    pass_on = WSTOPSIG(status) == system_call ? 0 : WSTOPSIG(status);
    if (pass_on != 0) continue;
    __ptrace_syscall_info call{};
    ::ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(call), &call);
    if (is_failing && call.op == PTRACE_SYSCALL_INFO_EXIT) {
      set_register(child, offsetof(user_regs_struct, rax), static_cast<unsigned long>(-EIO));
      is_failing = false;
    }
    if (call.op != PTRACE_SYSCALL_INFO_ENTRY || !counts(call)) continue;
    if (++seen != n) continue;
    if (what == mishap::fail) {
      set_register(child, offsetof(user_regs_struct, orig_rax), ~0UL);  // No such call.
      is_failing = has_failed = true;
      continue;
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    return true;
  }
}

bool was_killed_before(int n, const std::vector<std::string>& words) {
  return met_with(mishap::kill, n, words, changes_something);
}

/// Of those after it holds its folder, whatever they do; closing cannot fail it.
bool had_failed(int n, const std::vector<std::string>& words) {
  bool is_at_work = false;
  return met_with(mishap::fail, n, words, [&](const __ptrace_syscall_info& call) {
    const auto number = static_cast<long>(call.entry.nr);
    if (number == SYS_flock) is_at_work = true;
    constexpr std::array more{SYS_read, SYS_openat, SYS_fstat, SYS_newfstatat};
    const bool reads = std::ranges::find(more, number) != more.end();
    return is_at_work && (reads || changes_something(call));
  });
}

class tune_killed : public testing::Test {
 protected:
  void SetUp() override {
    enter_private_network();
    fs::create_directory(sysctl_folder());
    std::ofstream(sysctl_folder() / "10-other.conf") << "net.ipv4.tcp_tw_reuse = 0\n";
    std::ofstream(sysctl_folder() / "99-waitstate.conf") << "# mine\nnet.ipv4.tcp_retries2=8";
    before_ = now();
  }

  [[nodiscard]] fs::path sysctl_folder() const { return folder_.path() / "sysctl.d"; }
  [[nodiscard]] settings_tree now() const { return tree_of({"/proc/sys/net", sysctl_folder()}); }
  [[nodiscard]] std::vector<std::string> tune(std::vector<std::string> words) const {
    words.insert(words.begin(), {"tune", "--sysctl-dir", sysctl_folder(), "--state",
                                 folder_.path() / "state", "--log", folder_.path() / "log"});
    return words;
  }
  [[nodiscard]] std::vector<std::string> apply() const {
    return tune(
        {"tcp_tw_reuse=1", "ip_local_port_range=10240 65535", "tcp_orphan_retries=3", "--apply"});
  }
  /// Undoes; where there is nothing to undo, nothing was done.
  void undo() const {
    const auto ran = run_waitstate(tune({"--undo"}));
    const bool nothing = ran.errors.find("there is nothing to undo") != std::string::npos;
    EXPECT_TRUE(ran.exit_status == 0 || nothing) << ran.output << ran.errors;
  }

  temporary_folder folder_;
  settings_tree before_;
};

constexpr int fewest_points = 20;  // Three settings, two files and a log.

TEST_F(tune_killed, while_it_applies_undo_restores_everything_whenever_that_was) {
  int n = 1;
  while (was_killed_before(n, apply())) {
    undo();
    const auto differs = difference(before_, now());
    ASSERT_EQ(differs, "") << "killed before its change number " << n;
    ++n;
    ASSERT_LT(n, 500);
  }
  EXPECT_GE(n, fewest_points);
  RecordProperty("points", n - 1);
  EXPECT_NE(difference(before_, now()), "") << "the last run was not killed";
  undo();
  EXPECT_EQ(difference(before_, now()), "");
}

TEST_F(tune_killed, a_call_that_fails_leaves_nothing_that_undo_does_not_take_back) {
  int n = 1;
  while (had_failed(n, apply())) {
    undo();
    ASSERT_EQ(difference(before_, now()), "") << "its call number " << n << " failed";
    ++n;
    ASSERT_LT(n, 1'000);
  }
  EXPECT_GE(n, 2 * fewest_points);
  RecordProperty("points", n - 1);
  undo();
  for (int m = 1; m < 1'000; ++m) {
    ASSERT_EQ(run_waitstate(apply()).exit_status, 0);
    const bool failed = had_failed(m, tune({"--undo"}));
    undo();
    ASSERT_EQ(difference(before_, now()), "") << "call number " << m << " of an undo failed";
    if (!failed) break;
  }
}

TEST_F(tune_killed, a_second_time_what_was_before_the_first_comes_back) {
  int n = 1;
  const auto again = tune({"tcp_tw_reuse=0", "tcp_syn_retries=4", "--apply"});
  do {
    ASSERT_EQ(run_waitstate(apply()).exit_status, 0);
    const bool killed = was_killed_before(n, again);
    undo();
    ASSERT_EQ(difference(before_, now()), "") << "killed before its change number " << n;
    if (!killed) break;
  } while (++n < 500);
  EXPECT_GE(n, fewest_points);
}

TEST_F(tune_killed, while_it_undoes_another_undo_finishes) {
  int n = 1;
  do {
    ASSERT_EQ(run_waitstate(apply()).exit_status, 0);
    if (!was_killed_before(n, tune({"--undo"}))) break;
    undo();
    ASSERT_EQ(difference(before_, now()), "") << "killed before its change number " << n;
  } while (++n < 500);
  EXPECT_GE(n, 10);
  EXPECT_EQ(difference(before_, now()), "");
}

}  // namespace
}  // namespace waitstate::kernel_test
