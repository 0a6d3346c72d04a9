#include <linux/capability.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <span>
#include <thread>
#include <utility>

#include "tests/kernel/network_test.h"
#include "waitstate/kernel/socket_control.h"
#include "waitstate/netlab/program.h"
#include "waitstate/netlab/server_process.h"
#include "waitstate/remedy/reap.h"

namespace waitstate::kernel_test {
namespace {

using namespace std::chrono_literals;

class reap : public network_test {
 protected:
  /// `waitstate reap --json` with its audit log in a folder of the test.
  [[nodiscard]] nlohmann::json run(std::vector<std::string> words, int status = 0) const {
    words.insert(words.begin(), {"reap", "--json", "--audit", audit()});
    const auto ran = run_waitstate(words);
    EXPECT_EQ(ran.exit_status, status) << ran.output << ran.errors;
    return ran.output.empty() ? nlohmann::json() : nlohmann::json::parse(ran.output);
  }
  [[nodiscard]] std::string audit() const { return folder_.path() / "audit.jsonl"; }
  [[nodiscard]] std::size_t audited(std::string_view outcome) const {
    std::ifstream in(audit());
    std::size_t lines = 0;
    for (std::string line; std::getline(in, line);) {
      if (nlohmann::json::parse(line).at("outcome") == outcome) ++lines;
    }
    return lines;
  }

  /// The ways to close that this kernel takes from us.
  static std::vector<std::string> sources() {
    const auto tried = run_waitstate({"sockets", "--source", "bpf"});
    if (tried.exit_status == 0) return {"bpf", "netlink"};
    // A program that the kernel does not take is a failure; a right that we lack is not.
    EXPECT_TRUE(tried.errors.find("Operation not permitted") != std::string::npos ||
                ::access("/sys/kernel/btf/vmlinux", R_OK) != 0)
        << tried.errors;
    std::cout << "not tested with BPF: " << tried.errors;
    return {"netlink"};
  }

  static std::uint16_t port_of(const fd& socket) {
    sockaddr_in6 at{};
    socklen_t size = sizeof(at);
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&at), &size);
    return ntohs(at.sin6_port);  // where sockaddr_in has it, too
  }

  temporary_folder folder_;
};

/// Both ends of connections in this process: `leaked` have lost their peer, `healthy` have not.
struct both_ends {
  fd listener;
  std::vector<fd> leaked;
  std::vector<std::pair<fd, fd>> healthy;

  both_ends(const where& at, int leaks, int others) : listener(listen_on(at)) {
    for (int i = 0; i < leaks + others; ++i) {
      auto client = connect_to(at);
      auto server = accept_from(listener);
      if (i % 2 == 0 ? std::cmp_less(leaked.size(), leaks)
                     : std::cmp_greater_equal(healthy.size(), others)) {
        server = fd();
        wait_for_end(client);
        leaked.push_back(std::move(client));
      } else {
        healthy.emplace_back(std::move(client), std::move(server));
      }
    }
  }

  /// One byte each way on every healthy connection.
  void talk() const {
    for (const auto& [client, server] : healthy) {
      send_bytes(client, 1);
      read_bytes(server, 1);
      send_bytes(server, 1);
      read_bytes(client, 1);
    }
  }
};

TEST_P(reap, a_dry_run_says_what_it_would_do_and_does_nothing) {
  const both_ends ends({loopback(), 9443}, 20, 20);
  const auto plan = run({"state:close-wait", "peer-port:9443"});
  EXPECT_EQ(plan.at("to_close"), 20);
  EXPECT_TRUE(plan.at("outcome").is_null());
  EXPECT_FALSE(std::filesystem::exists(audit()));
  EXPECT_EQ(run({"state:close-wait", "peer-port:9443"}).at("to_close"), 20);
}

TEST_P(reap, closes_exactly_what_is_selected_while_all_else_goes_on) {
  for (const auto& source : sources()) {
    const both_ends ends({loopback(), 9443}, 300, 300);
    std::jthread busy([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) ends.talk();
    });
    const auto done = run({"state:close-wait", "peer-port:9443", "--apply", "--source", source});
    busy.request_stop();
    busy.join();
    const auto& outcome = done.at("outcome");
    EXPECT_EQ(outcome.at("closed"), 300) << done.dump(1);
    EXPECT_EQ(outcome.at("under_lock"), source == "bpf" ? 300 : 0) << done.dump(1);
    EXPECT_EQ(outcome.at("descriptors_left"), 300) << "nobody closed them";
    EXPECT_EQ(outcome.at("ports_back"), 300);
    EXPECT_EQ(audited("closed"), 300U);
    EXPECT_EQ(run({"state:close-wait", "peer-port:9443"}).at("found"), 0);
    ends.talk();
    for (const auto& c : ends.leaked) {
      EXPECT_EQ(::send(c.get(), "x", 1, MSG_NOSIGNAL), -1);
      EXPECT_TRUE(errno == ECONNABORTED || errno == EPIPE);
    }
    std::filesystem::remove(audit());
  }
}

TEST_P(reap, under_its_lock_a_socket_that_was_used_since_it_was_judged_lives_on) {
  const both_ends ends({loopback(), 9443}, 0, 3);
  remedy::reap_options options;
  options.may.even_established = true;
  ASSERT_TRUE(select(options.selected, "state:established"));
  ASSERT_TRUE(select(options.selected, "peer-port:9443"));
  const auto plan = remedy::plan_reap(options);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->targets.size(), 3U);
  for (const auto& source : sources()) {
    auto control = kernel::socket_control::open(
        plan->namespaces.front(),
        source == "bpf" ? kernel::kernel_source::bpf : kernel::kernel_source::netlink);
    ASSERT_TRUE(control) << control.error().what;
    const auto of_first = std::ranges::find_if(plan->targets, [&](const auto& t) {
      return t.socket.flow.local.port == port_of(ends.healthy.front().first);
    });
    ASSERT_NE(of_first, plan->targets.end());
    const auto judged = control->look_up(of_first->socket);
    ASSERT_TRUE(judged && *judged);
    ends.talk();  // between the look and the act
    const auto ended = control->destroy(std::span(&**judged, 1));
    ASSERT_TRUE(ended.front());
    if (source == "bpf") {
      EXPECT_EQ(*ended.front(), kernel::destroyed::changed);
      ends.talk();
    } else {
      EXPECT_EQ(*ended.front(), kernel::destroyed::closed) << "which only the lock prevents";
    }
  }
}

TEST_P(reap, finds_ipv4_behind_an_ipv6_socket) {
  const both_ends ends({is_v6() ? "::ffff:127.0.0.1" : "127.0.0.2", 9443}, 5, 5);
  const auto done = run({"state:close-wait", "peer-port:9443", "--apply"});
  EXPECT_EQ(done.at("outcome").at("closed"), 5) << done.dump(1);
  ends.talk();
}

TEST_P(reap, a_bound_holds_and_the_rest_is_counted) {
  const both_ends ends({loopback(), 9443}, 12, 0);
  const auto done = run({"state:close-wait", "--max", "5", "--apply"});
  EXPECT_EQ(done.at("outcome").at("closed"), 5);
  EXPECT_EQ(done.at("outcome").at("not_tried"), 7);
  EXPECT_EQ(run({"state:close-wait"}).at("found"), 7);
}

TEST_P(reap, a_shutdown_sends_a_fin_and_no_reset) {
  const where at{loopback(), 9443};
  const both_ends ends(at, 0, 4);
  const auto done = run({"state:established", "peer-port:9443", "--even-established", "--how",
                         "shutdown", "--apply"});
  EXPECT_EQ(done.at("outcome").at("closed"), 4) << done.dump(1);
  char byte = 0;
  for (const auto& [client, server] : ends.healthy) {
    EXPECT_EQ(::recv(server.get(), &byte, 1, 0), 0) << "the end, and no ECONNRESET";
  }
}

TEST_P(reap, leaves_alone_what_is_in_use_and_what_was_never_accepted) {
  const where at{loopback(), 9443};
  const auto listener = listen_on(at);
  for (int i = 0; i < 3; ++i) static_cast<void>(connect_to(at));  // and gone again
  const auto in_line = connect_to(at);
  const auto plan = run({"local-port:9443", "state:close-wait,established", "--apply"});
  EXPECT_EQ(plan.at("to_close"), 0) << plan.dump(1);
  EXPECT_EQ(plan.at("left_alone").at(0).at("reason"), "never-accepted");
  EXPECT_EQ(plan.at("left_alone").at(0).at("count"), 4);
  EXPECT_EQ(run({"state:listen"}).at("left_alone").at(0).at("reason"), "listens");
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(accept_from(listener)) << "they are still there";
}

TEST_P(reap, gives_back_ports_of_time_wait_where_reuse_is_safe) {
  set_sysctl("net.ipv4.ip_local_port_range", "40000 40019");
  set_sysctl("net.ipv4.tcp_tw_reuse", "0");
  const where at{loopback(), 9443};
  const auto listener = listen_on(at);
  for (int i = 0; i < 20; ++i) {
    auto client = connect_to(at);
    auto server = accept_from(listener);
    client = fd();
    wait_for_end(server);
  }
  EXPECT_THROW(static_cast<void>(connect_to(at)), std::system_error) << "no port is left";
  EXPECT_EQ(run({"state:time-wait"}).at("left_alone").at(0).at("reason"), "time-wait");
  std::this_thread::sleep_for(1'100ms);  // tcp_tw_reuse_delay
  const auto done = run({"state:time-wait", "peer-port:9443", "--free-ports", "--apply"});
  EXPECT_EQ(done.at("outcome").at("closed"), 20) << done.dump(1);
  EXPECT_TRUE(connect_to(at));
}

TEST_P(reap, without_the_capability_says_so_and_closes_nothing) {
  const both_ends ends({loopback(), 9443}, 3, 0);
  const program without("no-admin", [&](const program::ready& ready) {
    ::prctl(PR_CAPBSET_DROP, CAP_NET_ADMIN, 0, 0, 0);
    const auto ran = run_waitstate({"reap", "state:close-wait", "--apply", "--audit", audit()});
    auto said = std::to_string(ran.exit_status) + ran.errors;
    std::ranges::replace(said, '\n', ' ');
    ready(said);
  });
  EXPECT_EQ(without.said().front(), '1');
  EXPECT_NE(without.said().find("CAP_NET_ADMIN"), std::string::npos) << without.said();
  EXPECT_EQ(run({"state:close-wait"}).at("found"), 3);
}

TEST_P(reap, an_act_that_cannot_be_recorded_is_the_last) {
  const both_ends ends({loopback(), 9443}, 5, 0);
  for (const auto& source : sources()) {
    const auto full = run_waitstate({"reap", "state:close-wait", "--apply", "--audit", "/dev/full",
                                     "--source", source, "--json"});
    EXPECT_EQ(full.exit_status, 1);
    EXPECT_EQ(nlohmann::json::parse(full.output).at("outcome").at("closed"),
              source == "bpf" ? 0 : 1)
        << "several at once are announced";
  }
  EXPECT_EQ(run({"state:close-wait"}).at("found"), 4);
  const auto nowhere =
      run_waitstate({"reap", "state:close-wait", "--apply", "--audit", "/nowhere/at/all"});
  EXPECT_EQ(nowhere.exit_status, 1);
  EXPECT_EQ(run({"state:close-wait"}).at("found"), 4);
}

/// The heart of it: between the plan and the act the program closes the leaked connection, and a
/// new one takes its four-tuple.
TEST_P(reap, whatever_took_its_four_tuple_is_safe) {
  const where at{loopback(), 9443};
  const auto listener = listen_on(at);
  const auto open = [&] { return connect_from(where{loopback(), 45'000}, at); };
  auto log = remedy::audit_log::open(audit());
  ASSERT_TRUE(log);
  for (int round = 0; round < 20; ++round) {
    auto client = open();
    auto server = accept_from(listener);
    server = fd();
    wait_for_end(client);
    remedy::reap_options options;
    ASSERT_TRUE(select(options.selected, "state:close-wait"));
    ASSERT_TRUE(select(options.selected, "peer-port:9443"));
    const auto plan = remedy::plan_reap(options);
    ASSERT_TRUE(plan) << plan.error().what;
    ASSERT_EQ(plan->targets.size(), 1U);
    // Its end is a reset, so that the four-tuple is free at once.
    const linger abort{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
    client = fd();
    client = open();
    server = accept_from(listener);
    server = fd();
    wait_for_end(client);
    const auto done = remedy::carry_out(*plan, options, {}, *log);
    EXPECT_EQ(done.closed(), 0U);
    EXPECT_EQ(done.targets.at(remedy::reaped::gone), 1U);
    char byte = 0;
    EXPECT_EQ(::recv(client.get(), &byte, 1, 0), 0) << "the successor has its own end";
    EXPECT_EQ(::send(client.get(), "x", 1, MSG_NOSIGNAL), 1) << "and was not touched";
    ::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
  }
}

TEST_P(reap, what_changed_since_the_plan_is_left_alone) {
  const where at{loopback(), 9443};
  const both_ends ends(at, 0, 2);
  std::this_thread::sleep_for(300ms);
  remedy::reap_options options;
  options.may.even_established = true;
  ASSERT_TRUE(select(options.selected, "state:established"));
  ASSERT_TRUE(select(options.selected, "peer-port:9443"));
  ASSERT_TRUE(select(options.selected, "older:200ms"));
  const auto plan = remedy::plan_reap(options);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->targets.size(), 2U);
  send_bytes(ends.healthy[0].second, 1);
  read_bytes(ends.healthy[0].first, 1);
  auto log = remedy::audit_log::open(audit());
  ASSERT_TRUE(log);
  const auto done = remedy::carry_out(*plan, options, {}, *log);
  EXPECT_EQ(done.closed(), 1U);
  EXPECT_EQ(done.targets.at(remedy::reaped::changed), 1U) << "it was used again";
}

WAITSTATE_BOTH_FAMILIES(reap);

}  // namespace
}  // namespace waitstate::kernel_test
