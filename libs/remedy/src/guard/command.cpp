#include "waitstate/remedy/guard/command.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include <fmt/format.h>

#include "guard/descendants.h"
#include "waitstate/base/fd.h"
#include "waitstate/base/text.h"
#include "waitstate/base/words.h"

namespace waitstate::remedy::guard {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds slice{200};
constexpr milliseconds grace{2'000};

/// How the child is made: a group of its own, no signal blocked or ignored, nothing to read.
class spawning {
 public:
  explicit spawning(int output) {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&files_, output, STDERR_FILENO);
    ::posix_spawnattr_init(&how_);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&how_, &none);
    ::posix_spawnattr_setsigdefault(&how_, &all);
    ::posix_spawnattr_setpgroup(&how_, 0);
    ::posix_spawnattr_setflags(
        &how_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~spawning() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&how_);
  }
  spawning(const spawning&) = delete;
  spawning& operator=(const spawning&) = delete;

  /// 0, or an errno.
  int start(pid_t& pid, std::vector<std::string> words, std::vector<std::string> environment) {
    const auto pointers = [](std::vector<std::string>& texts) {
      std::vector<char*> all;
      all.reserve(texts.size() + 1);
      for (auto& text : texts) all.push_back(text.data());
      all.push_back(nullptr);
      return all;
    };
    auto argv = pointers(words);
    auto envp = pointers(environment);
    return ::posix_spawn(&pid, argv.front(), &files_, &how_, argv.data(), envp.data());
  }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t how_{};
};

/// Whoever started us may have had the kernel forget children that end: nobody would learn how.
class kept_children {
 public:
  kept_children() {
    struct sigaction usual{};
    usual.sa_handler = SIG_DFL;
    ::sigaction(SIGCHLD, &usual, &before_);
  }
  ~kept_children() { ::sigaction(SIGCHLD, &before_, nullptr); }
  kept_children(const kept_children&) = delete;
  kept_children& operator=(const kept_children&) = delete;

 private:
  struct sigaction before_{};
};

void take_output(const fd& from, command_end& into) {
  std::array<char, 4'096> part{};
  for (;;) {
    const auto got = ::read(from.get(), part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    const auto length = static_cast<std::size_t>(got);
    const auto kept = std::min(length, command_end::output_max - into.output.size());
    into.output.append(part.data(), kept);
    into.output_cut += length - kept;
  }
}

/// Waits for the child's end and takes what it prints, which is never let go full.
class running_command {
 public:
  running_command(pid_t pid, fd output)
      : pid_(pid),
        ended_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))),
        output_(std::move(output)) {}

  command_end wait(milliseconds time_limit, const std::function<bool()>& give_up) {
    auto until = steady_clock::now() + time_limit;
    int next_signal = SIGTERM;
    while (!has_ended()) {
      const bool is_over = steady_clock::now() >= until;
      const bool is_given_up = next_signal == SIGTERM && give_up && give_up();
      if (!is_over && !is_given_up) continue;
      if (next_signal == SIGTERM && is_given_up) end_.is_given_up = true;
      if (next_signal == SIGTERM && !is_given_up) end_.is_timed_out = true;
      // Some may have made a group or a session of their own.
      for (const auto started : descendants_of(pid_)) family_.emplace_back(pidfd_of(started));
      ::kill(-pid_, next_signal);
      tell_family(next_signal);
      next_signal = SIGKILL;
      until = steady_clock::now() + grace;
    }
    if (!family_.empty()) end_family();
    take_output(output_, end_);
    int status = 0;
    pid_t ended = 0;
    while ((ended = ::waitpid(pid_, &status, 0)) < 0 && errno == EINTR) {
    }
    if (ended == pid_ && WIFEXITED(status)) end_.exit_status = WEXITSTATUS(status);
    if (ended == pid_ && WIFSIGNALED(status)) end_.signal = WTERMSIG(status);
    return std::move(end_);
  }

 private:
  static int pidfd_of(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

  void tell_family(int signal) const {
    for (const auto& one : family_) {
      if (one) ::syscall(SYS_pidfd_send_signal, one.get(), signal, nullptr, 0);
    }
  }

  /// Those that outlive the command and its time get the same grace.
  void end_family() {
    const auto until = steady_clock::now() + grace;
    for (const auto& one : family_) {
      pollfd ended{.fd = one.get(), .events = POLLIN, .revents = 0};
      const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now()).count();
      ::poll(&ended, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    }
    tell_family(SIGKILL);
  }

  /// Looks for at most a slice.
  bool has_ended() {
    std::array<pollfd, 2> looked{
        pollfd{.fd = ended_.get(), .events = POLLIN, .revents = 0},
        pollfd{.fd = is_closed_ ? -1 : output_.get(), .events = POLLIN, .revents = 0}};
    ::poll(looked.data(), looked.size(), static_cast<int>(slice.count()));
    take_output(output_, end_);
    is_closed_ = is_closed_ || (looked[1].revents & POLLHUP) != 0;
    if (ended_) return (looked[0].revents & POLLIN) != 0;
    siginfo_t about{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &about, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           about.si_pid == pid_;
  }

  pid_t pid_;
  fd ended_;
  fd output_;
  bool is_closed_ = false;
  std::vector<fd> family_;  ///< What it had started when its time was over.
  command_end end_;
};

}  // namespace

std::string to_string(const command_end& end) {
  std::string why;
  if (end.is_timed_out) why = ": it was past its time limit";
  if (end.is_given_up) why = ": the guard was ended";
  if (end.exit_status) return fmt::format("exit status {}{}", *end.exit_status, why);
  if (!end.signal) return fmt::format("ended, and nobody saw how{}", why);
  return fmt::format("ended by signal {}{}", *end.signal, why);
}

result<command_end> run_command(const command& c, const std::function<bool()>& give_up) {
  const kept_children kept;
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    return failure(from_errno(errno, "pipe for a command"));
  }
  fd output(ends[0]);
  fd input(ends[1]);
  // The command's own end blocks, as programs expect it.
  ::fcntl(input.get(), F_SETFL, 0);
  std::vector<std::string> environment{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"};
  environment.reserve(c.environment.size() + 1);
  for (const auto& [name, value] : c.environment) {
    environment.push_back(fmt::format("{}={}", name, value));
  }
  pid_t pid = 0;
  const int number = spawning(input.get()).start(pid, c.words, std::move(environment));
  if (number != 0) {
    auto e = from_errno(number, fmt::format("command '{}'", quotable(c.words.front())));
    e.hint = "a script needs the execute bit, and #! with its interpreter in its first line";
    return failure(std::move(e));
  }
  input = fd();
  return running_command(pid, std::move(output)).wait(c.time_limit, give_up);
}

command command_for(const rule& r, const sighting& seen) {
  command c{.words = r.command, .time_limit = r.time_limit};
  const auto tell = [&](std::string_view name, std::string value) {
    c.environment.emplace_back(fmt::format("WAITSTATE_{}", name), std::move(value));
  };
  const auto& who = seen.who;
  tell("RULE", r.name);
  tell("SELECTION", to_text(r.selected));
  tell("COUNT", std::to_string(seen.count));
  tell("CLOSABLE", std::to_string(seen.closable));
  tell("NAMESPACE", seen.namespace_name.empty() ? fmt::format("net:[{}]", who.net_namespace)
                                                : seen.namespace_name);
  if (who.pid != 0) {
    tell("PID", std::to_string(who.pid));
    tell("PROCESS", quotable(who.process));
  }
  if (seen.oldest_ms) tell("OLDEST_MS", std::to_string(*seen.oldest_ms));
  if (seen.fd_limit) tell("DESCRIPTOR_LIMIT", std::to_string(*seen.fd_limit));
  if (who.destination) {
    tell("SOURCE", to_string(who.source));
    tell("DESTINATION", to_string(*who.destination));
  }
  if (seen.ports_left) tell("PORTS_LEFT", std::to_string(*seen.ports_left));
  return c;
}

}  // namespace waitstate::remedy::guard
