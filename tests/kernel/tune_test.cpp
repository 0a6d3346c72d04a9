#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/kernel/network_test.h"
#include "tests/kernel/settings_tree.h"
#include "waitstate/kernel/setting_control.h"
#include "waitstate/netlab/program.h"
#include "waitstate/netlab/server_process.h"
#include "waitstate/remedy/tune/kernel_setting.h"

namespace waitstate::kernel_test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class tune : public testing::Test {
 protected:
  void SetUp() override {
    enter_private_network();
    fs::create_directory(sysctl_folder());
  }

  [[nodiscard]] fs::path sysctl_folder() const { return folder_.path() / "sysctl.d"; }
  [[nodiscard]] fs::path state() const { return folder_.path() / "state"; }
  [[nodiscard]] std::vector<std::string> with_places(std::vector<std::string> words) const {
    words.insert(words.begin(), "tune");
    for (const auto& word :
         {std::string("--sysctl-dir"), sysctl_folder().string(), std::string("--state"),
          state().string(), std::string("--log"), (folder_.path() / "log").string()}) {
      words.push_back(word);
    }
    return words;
  }
  [[nodiscard]] outcome run(std::vector<std::string> words) const {
    return run_waitstate(with_places(std::move(words)));
  }
  [[nodiscard]] nlohmann::json answer(std::vector<std::string> words, int status = 0) const {
    words.emplace_back("--json");
    const auto ran = run(std::move(words));
    EXPECT_EQ(ran.exit_status, status) << ran.output << ran.errors;
    return ran.output.empty() ? nlohmann::json() : nlohmann::json::parse(ran.output);
  }
  [[nodiscard]] static std::string value(std::string_view key) {
    const auto control = kernel::setting_control::open("");
    const auto read = control ? control->read(key) : result<std::optional<std::string>>();
    return read && *read ? **read : std::string();
  }

  temporary_folder folder_;
};

TEST_F(tune, every_setting_takes_what_its_bounds_allow) {
  const auto host = kernel::setting_control::open("");
  ASSERT_TRUE(host);
  int tried = 0;
  for (const auto& setting : remedy::kernel_settings()) {
    const auto before = host->read(setting.key);
    ASSERT_TRUE(before) << setting.key;
    // What is of the host is not touched, and what only its first namespace may write is not.
    if (!*before || setting.is_of_host || !host->may_write(setting.key)) continue;
    if (setting.form != remedy::setting_form::number) continue;
    for (const auto number : {setting.least, setting.most}) {
      const auto wanted = std::to_string(number);
      EXPECT_TRUE(host->write(setting.key, wanted)) << setting.key << " " << number;
      EXPECT_EQ(value(setting.key), wanted) << setting.key;
    }
    ASSERT_TRUE(host->write(setting.key, **before));
    ++tried;
  }
  EXPECT_GE(tried, 15);
}

TEST_F(tune, what_is_applied_is_undone_byte_for_byte) {
  std::ofstream(sysctl_folder() / "10-other.conf") << "net.ipv4.tcp_tw_reuse = 0\n";
  std::ofstream(sysctl_folder() / "99-waitstate.conf") << "# mine \xff\nnet.ipv4.tcp_retries2=8";
  fs::permissions(sysctl_folder() / "99-waitstate.conf", fs::perms::owner_read);
  const auto before = tree_of({"/proc/sys/net", sysctl_folder()});
  const auto done = answer({"net.ipv4.tcp_tw_reuse=1", "ip_local_reserved_ports=8080,9000-9003",
                            "ip_local_port_range=10240 65535", "--apply"});
  EXPECT_EQ(done.at("outcome").at("settings").size(), 3U);
  EXPECT_EQ(value("net.ipv4.tcp_tw_reuse"), "1");
  EXPECT_EQ(value("net.ipv4.ip_local_port_range"), "10240\t65535");
  const auto written = text_of_file(sysctl_folder() / "99-waitstate.conf");
  EXPECT_NE(written.find("net.ipv4.tcp_retries2 = 8\n"), written.npos) << "what it had stays";
  EXPECT_NE(written.find("net.ipv4.ip_local_port_range = 10240 65535\n"), written.npos);
  // A second tuning on top: what was before the first one comes back.
  EXPECT_EQ(answer({"net.ipv4.tcp_tw_reuse=0", "tcp_orphan_retries=3", "--apply"})
                .at("outcome")
                .at("trouble"),
            nullptr);
  EXPECT_EQ(value("net.ipv4.tcp_orphan_retries"), "3");
  EXPECT_EQ(run({"--undo"}).exit_status, 0);
  EXPECT_EQ(difference(before, tree_of({"/proc/sys/net", sysctl_folder()})), "");
  EXPECT_EQ(run({"--undo"}).exit_status, 1) << "there is nothing left to undo";
}

TEST_F(tune, a_folder_that_is_named_from_here_is_found_from_anywhere) {
  const auto before = tree_of({"/proc/sys/net", sysctl_folder()});
  const program elsewhere("tuner", [&](const program::ready& ready) {
    fs::current_path(folder_.path());
    const auto ran = run_waitstate({"tune", "tcp_tw_reuse=1", "--apply", "--sysctl-dir", "sysctl.d",
                                    "--state", "state", "--log", "log"});
    ready(std::to_string(ran.exit_status));
  });
  EXPECT_EQ(elsewhere.said(), "0");
  EXPECT_TRUE(fs::exists(sysctl_folder() / "99-waitstate.conf"));
  EXPECT_EQ(run({"--undo"}).exit_status, 0);
  EXPECT_EQ(difference(before, tree_of({"/proc/sys/net", sysctl_folder()})), "");
}

TEST_F(tune, what_the_kernel_would_take_in_two_writes_is_refused_before_anything_is_changed) {
  const auto before = tree_of({"/proc/sys/net", sysctl_folder()});
  std::string ports;
  for (int port = 2'000; port < 4'000; port += 2) ports += std::to_string(port) + ',';
  ports.pop_back();
  ASSERT_GT(ports.size(), kernel::setting_control::value_max);
  const auto ran = run({"tcp_tw_reuse=1", "ip_local_reserved_ports=" + ports, "--apply"});
  EXPECT_EQ(ran.exit_status, 1);
  EXPECT_NE(ran.errors.find("the kernel takes 4094 in one write"), std::string::npos) << ran.errors;
  EXPECT_EQ(difference(before, tree_of({"/proc/sys/net", sysctl_folder()})), "");
  EXPECT_FALSE(fs::exists(state() / "tune.json"));
  // As long as it may be.
  ports.resize(ports.rfind(',', kernel::setting_control::value_max));
  EXPECT_EQ(run({"ip_local_reserved_ports=" + ports, "--apply"}).exit_status, 0);
  EXPECT_EQ(value("net.ipv4.ip_local_reserved_ports"), ports);
  EXPECT_EQ(run({"--undo"}).exit_status, 0);
  EXPECT_EQ(difference(before, tree_of({"/proc/sys/net", sysctl_folder()})), "");
}

TEST_F(tune, a_file_too_long_to_be_undone_is_said_before_anything_is_changed) {
  std::string lines;
  for (int i = 0; i < 12'000; ++i) {
    lines += "net.ipv4.conf.a-rather-long-name-of-an-interface-" + std::to_string(i) +
             ".forwarding = 1\n";
  }
  std::ofstream(sysctl_folder() / "99-waitstate.conf") << lines;
  const auto before = tree_of({"/proc/sys/net", sysctl_folder()});
  const auto ran = run({"tcp_tw_reuse=1", "--apply"});
  EXPECT_EQ(ran.exit_status, 1);
  EXPECT_NE(ran.errors.find("could not be undone"), std::string::npos) << ran.errors;
  EXPECT_EQ(difference(before, tree_of({"/proc/sys/net", sysctl_folder()})), "");
  // Half as long it is kept whole, past ten thousand lines, too.
  std::string shorter;
  for (int i = 0; i < 12'000; ++i) shorter += "net.a" + std::to_string(i) + " = 1\n";
  std::ofstream(sysctl_folder() / "99-waitstate.conf") << shorter;
  ASSERT_EQ(run({"tcp_tw_reuse=1", "--apply"}).exit_status, 0);
  const auto written = text_of_file(sysctl_folder() / "99-waitstate.conf");
  EXPECT_NE(written.find("net.a11999 = 1\n"), written.npos);
  ASSERT_EQ(run({"--undo"}).exit_status, 0);
  EXPECT_EQ(text_of_file(sysctl_folder() / "99-waitstate.conf"), shorter);
}

TEST_F(tune, what_somebody_else_changed_since_is_reported_and_left) {
  ASSERT_EQ(run({"net.ipv4.tcp_tw_reuse=1", "tcp_orphan_retries=3", "--apply"}).exit_status, 0);
  set_sysctl("net.ipv4.tcp_tw_reuse", "0");
  std::ofstream(sysctl_folder() / "99-waitstate.conf", std::ios::app) << "net.ipv4.tcp_sack = 1\n";
  const auto done = answer({"--undo"}, 1).at("outcome");
  EXPECT_EQ(done.at("settings").at(0).at("outcome"), "changed-by-other");
  EXPECT_EQ(done.at("settings").at(0).at("now"), "0");
  EXPECT_EQ(done.at("settings").at(1).at("outcome"), "restored");
  EXPECT_EQ(done.at("file").at("outcome"), "changed-by-other");
  EXPECT_EQ(value("net.ipv4.tcp_tw_reuse"), "0");
  EXPECT_EQ(value("net.ipv4.tcp_orphan_retries"), "0");
  EXPECT_TRUE(fs::exists(sysctl_folder() / "99-waitstate.conf"));
}

TEST_F(tune, a_failure_half_way_rolls_back) {
  set_sysctl("net.ipv4.ip_unprivileged_port_start", "20000");  // The range may not begin below.
  const auto before = tree_of({"/proc/sys/net", sysctl_folder()});
  const auto ran = run({"net.ipv4.tcp_tw_reuse=1", "ip_local_port_range=10240 65535",
                        "tcp_orphan_retries=3", "--json", "--apply"});
  EXPECT_EQ(ran.exit_status, 1);
  const auto done = nlohmann::json::parse(ran.output).at("outcome");
  EXPECT_EQ(done.at("settings").at(0).at("outcome"), "rolled-back");
  EXPECT_EQ(done.at("settings").at(1).at("outcome"), "failed");
  EXPECT_EQ(done.at("settings").at(2).at("outcome"), "not-tried");
  EXPECT_NE(ran.errors.find("ip_local_port_range: Invalid argument"), std::string::npos)
      << ran.errors;
  EXPECT_EQ(difference(before, tree_of({"/proc/sys/net", sysctl_folder()})), "");
  EXPECT_EQ(run({"--undo"}).exit_status, 1) << "nothing is left to undo";
}

/// What the program says when it is run by a child that was changed first: its exit status, its
/// errors in one line.
std::string said_by(const std::function<void()>& change, const std::vector<std::string>& words) {
  const program changed("tuner", [&](const program::ready& ready) {
    change();
    const auto ran = run_waitstate(words);
    auto said = std::to_string(ran.exit_status) + " " + ran.errors;
    std::ranges::replace(said, '\n', ' ');
    ready(said);
  });
  return changed.said();
}

void mount_for_this_process(const char* what, const fs::path& where, const char* options) {
  if (::unshare(CLONE_NEWNS) != 0 ||
      ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("none", where.c_str(), what, 0, options) != 0) {
    throw std::system_error(errno, std::generic_category(), where);
  }
}

TEST_F(tune, where_nothing_may_be_changed_it_says_so_and_changes_nothing) {
  const auto before = tree_of({"/proc/sys/net", sysctl_folder()});
  const auto words = with_places({"net.ipv4.tcp_tw_reuse=1", "--apply"});

  const auto read_only = said_by(
      [] {
        const auto* const settings = "/proc/sys";
        if (::unshare(CLONE_NEWNS) != 0 ||
            ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            ::mount(settings, settings, nullptr, MS_BIND, nullptr) != 0 ||
            ::mount("none", settings, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) != 0) {
          throw std::system_error(errno, std::generic_category(), settings);
        }
      },
      words);
  EXPECT_TRUE(read_only.starts_with("1 waitstate: tune: set net.ipv4.tcp_tw_reuse: Read-only"))
      << read_only;
  EXPECT_NE(read_only.find("--netns PID"), std::string::npos) << read_only;

  const auto nobody = said_by(
      [&] {
        fs::permissions(folder_.path(), fs::perms::all);
        if (::setgid(65'534) != 0 || ::setuid(65'534) != 0) throw std::runtime_error("setuid");
      },
      words);
  EXPECT_TRUE(nobody.starts_with("1 waitstate: tune: ")) << nobody;
  EXPECT_NE(nobody.find("run as root"), std::string::npos) << nobody;

  for (const auto& [place, step] : {std::pair{sysctl_folder(), "sysctl.d"}, {state(), "journal"}}) {
    fs::create_directories(place);
    const auto full = said_by(
        [&] {
          mount_for_this_process("tmpfs", place, "size=4k,mode=0755");
          std::ofstream(place / "fill") << std::string(4'096, 'x');
        },
        words);
    EXPECT_TRUE(full.starts_with(std::string("1 waitstate: tune: ") + step)) << full;
    EXPECT_NE(full.find("the disk is full"), std::string::npos) << full;
  }
  EXPECT_EQ(difference(before, tree_of({"/proc/sys/net", sysctl_folder()})), "");
  EXPECT_EQ(run({"--undo"}).exit_status, 1) << "nothing is left to undo";
}

TEST_F(tune, what_cannot_be_recorded_is_not_done) {
  const auto before = tree_of({"/proc/sys/net", sysctl_folder()});
  const auto full = run_waitstate({"tune", "tcp_tw_reuse=1", "--apply", "--sysctl-dir",
                                   sysctl_folder(), "--state", state(), "--log", "/dev/full"});
  EXPECT_EQ(full.exit_status, 1);
  EXPECT_NE(full.errors.find("--log FILE"), std::string::npos) << full.errors;
  EXPECT_EQ(difference(before, tree_of({"/proc/sys/net", sysctl_folder()})), "");
}

TEST_F(tune, another_namespace_is_named_and_has_no_file_of_the_boot) {
  EXPECT_EQ(run({"--netns", "nowhere-at-all", "tcp_tw_reuse=1", "--apply"}).exit_status, 1);
  const auto far = join_second_network("10.99.0.1", "10.99.0.2");
  const auto pid = std::to_string(far);
  const auto done = run_waitstate({"tune", "--netns", pid, "tcp_tw_reuse=1", "--apply", "--json",
                                   "--state", state(), "--log", folder_.path() / "log"});
  ASSERT_EQ(done.exit_status, 0) << done.errors;
  EXPECT_EQ(nlohmann::json::parse(done.output).at("outcome").at("file"), nullptr);
  EXPECT_EQ(value("net.ipv4.tcp_tw_reuse"), "2") << "it is the other one's";
  const auto there = kernel::setting_control::open(pid);
  ASSERT_TRUE(there);
  EXPECT_EQ(there->read("net.ipv4.tcp_tw_reuse")->value(), "1");
  const auto back = run_waitstate(
      {"tune", "--netns", pid, "--undo", "--state", state(), "--log", folder_.path() / "log"});
  EXPECT_EQ(back.exit_status, 0) << back.errors;
  EXPECT_EQ(there->read("net.ipv4.tcp_tw_reuse")->value(), "2");
}

TEST_F(tune, time_wait_outlives_tcp_fin_timeout_and_the_refusal_shows_it) {
  set_sysctl("net.ipv4.tcp_fin_timeout", "1");
  const where at{"127.0.0.1", 9443};
  const auto listener = listen_on(at);
  for (int i = 0; i < 5; ++i) {
    auto client = connect_to(at);
    auto server = accept_from(listener);
    client = fd();
    wait_for_end(server);
  }
  std::this_thread::sleep_for(2'200ms);
  const auto refused = answer({}).at("plan").at("refused");
  const auto it = std::ranges::find(refused, "net.ipv4.tcp_fin_timeout",
                                    [](const auto& r) { return r.at("key"); });
  ASSERT_NE(it, refused.end());
  const auto proof = it->at("proof").get<std::string>();
  EXPECT_NE(proof.find("5 in TIME-WAIT"), proof.npos) << proof;
  EXPECT_NE(proof.find("the oldest TIME-WAIT is "), proof.npos) << proof;
  EXPECT_TRUE(proof.ends_with("s old with tcp_fin_timeout 1")) << proof;
  const auto ran = run({"tcp_fin_timeout=5"});
  EXPECT_EQ(ran.exit_status, 1);
  EXPECT_NE(ran.errors.find("is refused"), std::string::npos) << ran.errors;
}

}  // namespace
}  // namespace waitstate::kernel_test
