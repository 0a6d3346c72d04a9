#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/kernel/network_test.h"
#include "waitstate/netlab/program.h"

namespace waitstate::kernel_test {
namespace {

class namespaces : public network_test {};

std::uint64_t network_inode(int pid) {
  struct stat about{};
  ::stat(("/proc/" + std::to_string(pid) + "/ns/net").c_str(), &about);
  return about.st_ino;
}

TEST_P(namespaces, one_is_chosen_by_a_pid_in_it_and_all_visits_each_once) {
  const where server{loopback(), 8080};
  const auto listen_in_own_network = [&](const program::ready& ready) {
    enter_private_network();
    const auto listener = listen_on(server);
    ready("");
    for (;;) ::pause();
  };
  const program first("first", listen_in_own_network);
  const program second("second", listen_in_own_network);

  EXPECT_FALSE(diagnose().at("states").contains("LISTEN"));
  const auto one = diagnose({"--netns", std::to_string(first.pid())});
  EXPECT_EQ(one.at("states").at("LISTEN"), 1) << one.dump(1);

  const auto all =
      run_waitstate({"sockets", "--json", "--netns", "all", "--by", "namespace,owner"});
  EXPECT_NE(all.output.find("first"), std::string::npos) << all.output << all.errors;
  EXPECT_NE(all.output.find("second"), std::string::npos) << all.output;
  EXPECT_NE(network_inode(first.pid()), network_inode(second.pid()));
}

TEST_P(namespaces, a_finding_says_in_which_it_is) {
  const where server{loopback(), 8080};
  const program leaking("leaking", [&](const program::ready& ready) {
    enter_private_network();
    const auto listener = listen_on(server);
    std::vector<fd> kept;
    for (int i = 0; i < 50; ++i) {
      kept.push_back(connect_to(server));
      {
        const auto closed_at_once = accept_from(listener);
      }
      read_to_end(kept.back());
    }
    ready("");
    for (;;) ::pause();
  });
  const auto all = diagnose({"--netns", "all"});
  const auto& findings = all.at("findings");
  const auto found = std::ranges::find_if(findings, [&](const auto& f) {
    return f.at("id") == "leaked-connections" && f.at("subject").at("pid") == leaking.pid();
  });
  ASSERT_NE(found, findings.end()) << all.dump(1);
  EXPECT_EQ(found->at("subject").at("net_namespace"),
            "net:[" + std::to_string(network_inode(leaking.pid())) + "]");
  EXPECT_EQ(diagnose({"--netns", std::to_string(leaking.pid())})
                .at("findings")
                .at(0)
                .at("subject")
                .at("net_namespace"),
            nullptr);
}

TEST_P(namespaces, settings_are_read_of_those_with_sockets_and_of_one_that_is_named) {
  const auto turned_off = [&](bool listens) {
    return [listens](const program::ready& ready) {
      enter_private_network();
      set_sysctl("net.ipv4.tcp_timestamps", "0");
      const auto listener = listens ? listen_on({loopback(), 8080}) : fd();
      ready("");
      for (;;) ::pause();
    };
  };
  const program listening("listening", turned_off(true));
  const program resting("resting", turned_off(false));
  const auto told_of = [](const nlohmann::json& report, const program& p) {
    const auto name = "net:[" + std::to_string(network_inode(p.pid())) + "]";
    return std::ranges::any_of(report.at("findings"), [&](const auto& f) {
      return f.at("id") == "misguided-sysctl" && f.at("subject").at("net_namespace") == name;
    });
  };
  const auto all = diagnose({"--netns", "all"});
  constexpr auto most_of_one_kind = 3;  // of every namespace of this host, others' too
  const auto told = std::ranges::count(all.at("findings"), "misguided-sysctl",
                                       [](const auto& f) { return f.at("id"); });
  EXPECT_TRUE(told_of(all, listening) || told == most_of_one_kind) << all.dump(1);
  EXPECT_FALSE(told_of(all, resting)) << all.dump(1);
  const auto alone = diagnose({"--netns", std::to_string(resting.pid())});
  EXPECT_FALSE(finding(alone, "misguided-sysctl").is_null()) << alone.dump(1);
}

TEST_P(namespaces, both_ends_of_connections_between_two_are_joined) {
  const auto near = std::string(is_v6() ? "fd88::1" : "10.88.0.1");
  const auto far = std::string(is_v6() ? "fd88::2" : "10.88.0.2");
  const auto other = join_second_network(near, far);
  const where server{far, 8080};
  const program closing("closing-server", [&](const program::ready& ready) {
    enter_network_of(other);
    const auto listener = listen_on(server);
    ready("");
    serve_all(listener, [](fd) {});  // closes at once
  });
  const program leaking("leaking", [&](const program::ready& ready) {
    std::vector<fd> kept;
    for (int i = 0; i < 50; ++i) {
      kept.push_back(connect_to(server));
      read_to_end(kept.back());
    }
    ready("");
    for (;;) ::pause();
  });
  const auto all = diagnose({"--netns", "all"});
  const auto& findings = all.at("findings");
  const auto found = std::ranges::find_if(
      findings, [&](const auto& f) { return f.at("subject").at("pid") == leaking.pid(); });
  ASSERT_NE(found, findings.end()) << all.dump(1);
  const auto peer = "closing-server (pid " + std::to_string(closing.pid()) + "), in net:[" +
                    std::to_string(network_inode(closing.pid())) + "]";
  EXPECT_NE(found->at("evidence").dump().find(peer), std::string::npos) << found->dump(1);
}

TEST_P(namespaces, an_unknown_one_is_an_error_with_a_hint) {
  const auto run = run_waitstate({"diagnose", "--netns", "no-such-namespace"});
  EXPECT_EQ(run.exit_status, 3);
  EXPECT_NE(run.errors.find("no-such-namespace"), std::string::npos) << run.errors;
  EXPECT_NE(run.errors.find("hint:"), std::string::npos) << run.errors;
}

WAITSTATE_BOTH_FAMILIES(namespaces);

}  // namespace
}  // namespace waitstate::kernel_test
