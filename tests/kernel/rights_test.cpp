#include <fcntl.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

#include "tests/kernel/network_test.h"
#include "waitstate/netlab/program.h"
#include "waitstate/netlab/server_process.h"

namespace waitstate::kernel_test {
namespace {

/// From now on bpf() with this command fails, for this process and what it starts.
void refuse_bpf(std::uint32_t command, int error) {
  const std::array<sock_filter, 6> program{
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 0, 3),
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, command, 0, 1),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error)),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog filter{.len = program.size(),
                          .filter = const_cast<sock_filter*>(program.data())};
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
    throw std::system_error(errno, std::generic_category(), "seccomp");
  }
}

/// Runs `binary` in a process that `prepare` made poorer.
outcome run_poorer(const std::string& binary, const std::vector<std::string>& arguments,
                   const std::function<void()>& prepare) {
  const netlab::temporary_folder folder;
  const auto output = (folder.path() / "output").string();
  const auto errors = (folder.path() / "errors").string();
  const int child = ::fork();
  if (child == 0) {
    ::dup2(::open(output.c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
    ::dup2(::open(errors.c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
    std::vector<const char*> words{binary.c_str()};
    for (const auto& argument : arguments) words.push_back(argument.c_str());
    words.push_back(nullptr);
    try {
      prepare();
      ::execv(binary.c_str(), const_cast<char**>(words.data()));
    } catch (const std::exception&) {
      ::_exit(126);
    }
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  const auto text_of = [](const std::string& path) {
    std::ifstream file(path);
    return std::string{std::istreambuf_iterator<char>(file), {}};
  };
  return {.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          .output = text_of(output),
          .errors = text_of(errors)};
}

/// As `setcap cap_bpf,cap_perfmon,cap_sys_ptrace+ep` does.
void set_capabilities(const std::string& path, const std::vector<unsigned>& capabilities) {
  vfs_cap_data data{};
  data.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE;
  for (const auto c : capabilities) data.data[c / 32].permitted |= 1U << (c % 32);
  if (::setxattr(path.c_str(), "security.capability", &data, XATTR_CAPS_SZ_2, 0) != 0) {
    throw std::system_error(errno, std::generic_category(), "setxattr " + path);
  }
}

void become_nobody() {
  constexpr unsigned nobody = 65534;
  if (::setgid(nobody) != 0 || ::setuid(nobody) != 0) {
    throw std::system_error(errno, std::generic_category(), "setuid");
  }
}

std::string limit_text(const nlohmann::json& report, const std::string& id) {
  for (const auto& l : report.at("limits")) {
    if (l.at("id") == id) return l.at("text").get<std::string>() + l.at("hint").dump();
  }
  return {};
}

class rights : public network_test {
 protected:
  void SetUp() override {
    network_test::SetUp();
    const auto tried = run_waitstate({"trace", "--duration", "1ms"});
    if (tried.exit_status != 0)
      GTEST_SKIP() << "this kernel takes no BPF from us: " << tried.errors;
  }

  const where server{loopback(), 8080};
  const std::vector<std::string> two_looks{"sockets", "--json", "--interval", "500ms"};
};

TEST_P(rights, a_plain_user_sees_as_much_with_the_capabilities_that_the_hint_names) {
  const netlab::temporary_folder folder;
  std::filesystem::permissions(
      folder.path(), std::filesystem::perms::others_exec | std::filesystem::perms::owner_all);
  const auto copy = (folder.path() / "waitstate").string();
  std::filesystem::copy_file(WAITSTATE_BINARY, copy);
  const program churning("churner", [&](const program::ready& ready) {
    const auto listener = listen_on(server);
    ready("");
    for (;;) {
      const auto near = connect_to(server);
      const auto far = accept_from(listener);
      ::usleep(5'000);
    }
  });
  const auto without = run_poorer(copy, two_looks, become_nobody);
  ASSERT_FALSE(without.output.empty()) << without.errors;
  const auto poor = nlohmann::json::parse(without.output);
  EXPECT_TRUE(poor.at("followed").is_null());
  EXPECT_NE(limit_text(poor, "not-followed").find("setcap cap_bpf,cap_perfmon"), std::string::npos)
      << poor.at("limits").dump();

  set_capabilities(copy, {CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE});
  const auto with = run_poorer(copy, two_looks, become_nobody);
  ASSERT_FALSE(with.output.empty()) << with.errors;
  const auto rich = nlohmann::json::parse(with.output);
  ASSERT_FALSE(rich.at("followed").is_null()) << rich.at("limits").dump();
  int followed = 0;
  for (const auto& f : rich.at("followed").at("flows")) {
    if (f.at("direction") != "outbound") continue;
    EXPECT_EQ(f.at("opener").at("pid"), churning.pid());
    followed += f.at("ended").get<int>();
  }
  EXPECT_GT(followed, 5);
  EXPECT_EQ(limit_text(rich, "not-followed"), "");
}

TEST_P(rights, whatever_the_kernel_refuses_the_rest_is_told_and_what_is_missing) {
  const auto listener = listen_on(server);
  const auto near = connect_to(server);
  const auto far = accept_from(listener);
  const struct {
    std::uint32_t command;
    const char* name;
    bool is_needed;  ///< libbpf has no other way.
  } pieces[] = {
      {BPF_MAP_CREATE, "BPF_MAP_CREATE", true},
      {BPF_PROG_LOAD, "BPF_PROG_LOAD", true},
      {BPF_BTF_LOAD, "BPF_BTF_LOAD", false},
      {BPF_RAW_TRACEPOINT_OPEN, "BPF_RAW_TRACEPOINT_OPEN", false},
      {BPF_MAP_LOOKUP_AND_DELETE_BATCH, "BPF_MAP_LOOKUP_AND_DELETE_BATCH", true},
      {BPF_MAP_LOOKUP_BATCH, "BPF_MAP_LOOKUP_BATCH", true},
      {BPF_OBJ_GET_INFO_BY_FD, "BPF_OBJ_GET_INFO_BY_FD", false},
      {BPF_LINK_CREATE, "BPF_LINK_CREATE", true},
  };
  for (const auto& piece : pieces) {
    const auto run = run_poorer(WAITSTATE_BINARY, {"sockets", "--json", "--interval", "100ms"},
                                [&] { refuse_bpf(piece.command, EPERM); });
    ASSERT_EQ(run.exit_status, 0) << piece.name << ": " << run.errors;
    const auto seen = nlohmann::json::parse(run.output);
    EXPECT_EQ(seen.at("states").value("ESTABLISHED", 0), 2) << piece.name;
    const auto why = limit_text(seen, "not-followed");
    EXPECT_EQ(seen.at("followed").is_null(), !why.empty()) << piece.name << why;
    if (piece.is_needed) EXPECT_NE(why, "") << piece.name;
  }
}

TEST_P(rights, bpf_that_is_asked_for_by_name_and_refused_is_an_error) {
  const auto run =
      run_poorer(WAITSTATE_BINARY, {"sockets", "--interval", "500ms", "--source", "bpf"},
                 [] { refuse_bpf(BPF_PROG_LOAD, EPERM); });
  EXPECT_NE(run.exit_status, 0);
  EXPECT_NE(run.errors.find("setcap"), std::string::npos) << run.errors;
}

WAITSTATE_BOTH_FAMILIES(rights);

}  // namespace
}  // namespace waitstate::kernel_test
