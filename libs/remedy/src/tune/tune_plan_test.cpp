#include "waitstate/remedy/tune/tune_plan.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <variant>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "host_fixture.h"
#include "waitstate/diagnosis/action.h"
#include "waitstate/diagnosis/diagnose.h"
#include "waitstate/paste/read.h"
#include "waitstate/remedy/tune/kernel_setting.h"

namespace waitstate::remedy {
namespace {

using tcp::state;

/// Four fifths of the ports to one back end are in TIME-WAIT.
made_host short_of_ports() {
  made_host h;
  const auto nginx = h.program("nginx", runtime::nginx);
  h.listens(nginx, 80)
      .takes(state::established, 80, 500, nginx)
      .makes(state::time_wait, place("10.0.0.7", 8080), 24'000)
      .evenly_closed();
  return h;
}

const planned_setting* in(const tune_plan& plan, std::string_view key) {
  const auto at = std::ranges::find(plan.settings, key, &planned_setting::key);
  return at == plan.settings.end() ? nullptr : &*at;
}

const refused_setting* refused_in(const tune_plan& plan, std::string_view key) {
  const auto at = std::ranges::find(plan.refused, key, &refused_setting::key);
  return at == plan.refused.end() ? nullptr : &*at;
}

std::string value_in(const tune_plan& plan, std::string_view key) {
  const auto* p = in(plan, key);
  return p == nullptr ? "" : p->value;
}

TEST(tune_plan, a_balancer_that_closes_first_gets_reuse_and_a_wider_range) {
  auto h = short_of_ports();
  h.listens(h.program("java"), 12'000);
  const auto plan = plan_tuning(h.s);
  ASSERT_EQ(plan.settings.size(), 3U);
  EXPECT_EQ(value_in(plan, "net.ipv4.tcp_tw_reuse"), "1");
  EXPECT_EQ(plan.settings[1].key, "net.ipv4.ip_local_reserved_ports") << "before the range";
  EXPECT_EQ(plan.settings[1].value, "12000");
  EXPECT_EQ(plan.settings[2].value, "10240 65535");
  const auto& why = plan.settings[0].why;
  EXPECT_NE(why.find("24,000 of 28,232 ports to 10.0.0.7:8080"), why.npos) << why;
  EXPECT_NE(why.find("470 connections a second to one place become 28,232"), why.npos) << why;
  EXPECT_EQ(refused_in(plan, "net.ipv4.tcp_tw_reuse"), nullptr) << "here it helps";
  EXPECT_FALSE(plan.better.empty());
}

TEST(tune_plan, counts_the_ports_that_may_be_chosen_and_not_the_range) {
  auto h = short_of_ports();
  h.set("net.ipv4.ip_local_reserved_ports", "33500-60999");
  const auto plan = plan_tuning(h.s);
  const auto* range = in(plan, "net.ipv4.ip_local_port_range");
  ASSERT_NE(range, nullptr);
  EXPECT_NE(range->why.find("732 ports become 27,796: 12 connections a second"), std::string::npos)
      << range->why;
  EXPECT_NE(range->why.find("takes 27,500 of the range"), std::string::npos) << range->why;
}

TEST(tune_plan, with_reuse_on_nothing_is_short) {
  auto h = short_of_ports();
  h.set("net.ipv4.tcp_tw_reuse", "1");
  EXPECT_TRUE(plan_tuning(h.s).settings.empty());
}

TEST(tune_plan, reuse_needs_time_stamps_which_come_first) {
  auto h = short_of_ports();
  h.set("net.ipv4.tcp_timestamps", "0");
  const auto plan = plan_tuning(h.s);
  ASSERT_GE(plan.settings.size(), 2U);
  EXPECT_EQ(plan.settings[0].key, "net.ipv4.tcp_timestamps");
  EXPECT_EQ(plan.settings[1].key, "net.ipv4.tcp_tw_reuse");
}

TEST(tune_plan, a_range_is_not_narrowed_and_reserved_ports_stay) {
  auto h = short_of_ports();
  h.set("net.ipv4.ip_local_port_range", "11000 65535")
      .set("net.ipv4.ip_local_reserved_ports", "20000-20010");
  const auto plan = plan_tuning(h.s);
  EXPECT_EQ(in(plan, "net.ipv4.ip_local_port_range"), nullptr);
  h.set("net.ipv4.ip_local_port_range", "32768 60999").listens(h.program("java"), 12'000);
  EXPECT_EQ(value_in(plan_tuning(h.s), "net.ipv4.ip_local_reserved_ports"), "12000,20000-20010");
}

TEST(tune_plan, a_server_that_closes_first_needs_nothing) {
  made_host h;
  h.listens(h.program("httpd", runtime::apache), 80).takes(state::time_wait, 80, 28'000);
  const auto plan = plan_tuning(h.s);
  EXPECT_TRUE(plan.settings.empty());
  const auto* reuse = refused_in(plan, "net.ipv4.tcp_tw_reuse");
  ASSERT_NE(reuse, nullptr);
  EXPECT_NE(reuse->proof.find("28,000 of 28,000 TIME-WAIT are of connections that were accepted"),
            reuse->proof.npos)
      << reuse->proof;
}

TEST(tune_plan, a_host_that_lacks_nothing_gets_nothing_and_the_refusals) {
  made_host h;
  const auto plan = plan_tuning(h.s);
  EXPECT_TRUE(plan.settings.empty());
  EXPECT_EQ(plan.refused.size(), 8U);
  for (const auto& r : plan.refused) {
    EXPECT_FALSE(r.why.empty()) << r.key;
    EXPECT_FALSE(r.proof.empty()) << r.key;
  }
  ASSERT_EQ(plan.limits.size(), 1U);
  EXPECT_EQ(plan.limits[0].id, "no-traffic");
}

struct need {
  const char* key;
  const char* value;
  void (*of)(made_host& h);
};

/// Each setting of a server is proposed for its own reason, and the host that lacks it alone.
TEST(tune_plan, queues_and_bounds_are_raised_where_they_overflow) {
  const std::array needs{
      need{"net.core.somaxconn", "4096", [](made_host& h) { h.set("net.core.somaxconn", "128"); }},
      need{"net.core.somaxconn", "8192",
           [](made_host& h) {
             h.s.namespaces[0].counter_rates["TcpExt.ListenOverflows"] = 12;
             h.s.listeners.front().backlog = 4'096;
           }},
      need{"net.ipv4.tcp_max_syn_backlog", "4096",
           [](made_host& h) { h.s.namespaces[0].counters["TcpExt.TCPReqQFullDrop"] = 5'000; }},
      need{"net.ipv4.tcp_max_tw_buckets", "262144",
           [](made_host& h) { h.s.namespaces[0].totals.time_wait = 130'000; }},
      need{"net.ipv4.tcp_syncookies", "1",
           [](made_host& h) { h.set("net.ipv4.tcp_syncookies", "0"); }},
      need{"net.ipv4.tcp_abort_on_overflow", "0",
           [](made_host& h) { h.set("net.ipv4.tcp_abort_on_overflow", "1"); }},
      need{"net.netfilter.nf_conntrack_max", "524288", [](made_host& h) {
             h.set("net.netfilter.nf_conntrack_max", "262144");
             h.set("net.netfilter.nf_conntrack_count", "250000");
           }}};
  for (const auto& n : needs) {
    made_host h;
    const auto nginx = h.program("nginx", runtime::nginx);
    h.listens(nginx, 80).takes(state::established, 80, 50, nginx);
    ASSERT_TRUE(plan_tuning(h.s).settings.empty());
    n.of(h);
    const auto plan = plan_tuning(h.s);
    EXPECT_EQ(plan.settings.size(), 1U) << n.key;
    EXPECT_EQ(value_in(plan, n.key), n.value) << n.key;
  }
}

TEST(tune_plan, a_backlog_that_no_program_asked_for_is_not_raised) {
  made_host h;
  const auto nginx = h.program("nginx", runtime::nginx);
  h.listens(nginx, 80, 511).takes(state::established, 80, 50, nginx);
  h.s.namespaces[0].counter_rates["TcpExt.ListenOverflows"] = 12;
  const auto plan = plan_tuning(h.s);
  EXPECT_TRUE(plan.settings.empty());
  const auto* r = refused_in(plan, "net.core.somaxconn");
  ASSERT_NE(r, nullptr);
  EXPECT_NE(r->proof.find("511 of 4096"), r->proof.npos) << r->proof;
}

TEST(tune_plan, half_closed_connections_that_hold_ports_end_sooner) {
  made_host h;
  const auto app = h.program("app");
  h.makes(state::established, place("10.0.0.7", 8080), 5, app)
      .makes(state::fin_wait_2, place("10.0.0.7", 8080), 20'000);
  EXPECT_EQ(value_in(plan_tuning(h.s), "net.ipv4.tcp_fin_timeout"), "30");
}

TEST(tune_plan, keep_alive_is_for_connections_that_ask_for_it) {
  made_host h;
  const auto app = h.program("app");
  h.makes(state::established, place("10.0.0.9", 5432), 40, app);
  EXPECT_TRUE(plan_tuning(h.s).settings.empty());
  h.s.groups.back().keepalive_timer = 40;
  const auto plan = plan_tuning(h.s);
  EXPECT_EQ(plan.settings.size(), 3U);
  EXPECT_EQ(value_in(plan, "net.ipv4.tcp_keepalive_time"), "120");
}

TEST(tune_plan, a_role_that_is_said_needs_no_traffic) {
  made_host h;
  EXPECT_EQ(value_in(plan_tuning(h.s, host_role::load_balancer), "net.ipv4.tcp_tw_reuse"), "1");
  EXPECT_EQ(value_in(plan_tuning(h.s, host_role::crawler), "net.ipv4.ip_local_port_range"),
            "10240 65535");
  EXPECT_EQ(value_in(plan_tuning(h.s, host_role::database_client), "net.ipv4.tcp_keepalive_time"),
            "120");
  EXPECT_TRUE(plan_tuning(h.s, host_role::web_server).settings.empty());
}

struct typed {
  const char* word;
  const char* value;  ///< nullptr: refused.
  const char* says = "";
};

TEST(tune_plan, settings_can_be_named_one_by_one_and_bad_ones_are_refused) {
  constexpr std::array cases{
      typed{"net.ipv4.tcp_tw_reuse=1", "1"},
      typed{"tcp_tw_reuse=0", "0"},
      typed{"net.ipv4.ip_local_port_range=10240-65535", "10240 65535"},
      typed{"ip_local_port_range=1024 65535", nullptr, "begins among the services"},
      typed{"tcp_fin_timeout=15", nullptr, "TIME-WAIT lasts 60 s"},
      typed{"tcp_fin_timeout=60", "60"},
      typed{"tcp_max_tw_buckets=5000", nullptr, "without TIME-WAIT"},
      typed{"tcp_max_tw_buckets=262144", "262144"},
      typed{"tcp_timestamps=0", nullptr, "turns off"},
      typed{"tcp_tw_recycle=1", nullptr, "gone since Linux 4.12"},
      typed{"tcp_tw_recycle=0", nullptr, "has no such setting"},
      typed{"net.ipv4.tcp_rmem=4096 87380 16777216", nullptr, "buffers"},
      typed{"tcp_tw_reuse=7", nullptr, "from 0 to 2"},
      typed{"tcp_no_such=1", nullptr, "no setting"},
      typed{"tcp_syncookies", nullptr, "does not change it"},
      typed{"tcp_tw_reuse", "1"}};
  for (const auto& c : cases) {
    const auto h = short_of_ports();
    const std::vector<std::string> words{c.word};
    const auto plan = plan_settings(h.s, words);
    EXPECT_EQ(plan.has_value(), c.value != nullptr) << c.word;
    if (plan && c.value != nullptr) {
      ASSERT_EQ(plan->settings.size(), 1U);
      EXPECT_EQ(plan->settings[0].value, c.value) << c.word;
    }
    if (!plan) EXPECT_NE(plan.error().what.find(c.says), std::string::npos) << plan.error().what;
  }
  const std::vector<std::string> twice{"tcp_tw_reuse=1", "net.ipv4.tcp_tw_reuse=0"};
  EXPECT_FALSE(plan_settings(short_of_ports().s, twice));
}

TEST(tune_plan, takes_every_setting_that_a_report_says_to_set) {
  int settings = 0;
  for (const auto& entry : std::filesystem::directory_iterator(WAITSTATE_INCIDENTS)) {
    if (entry.path().extension() != ".txt") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator(in), {}};
    const auto s = paste::read(text);
    if (!s) continue;
    for (const auto& f : diagnosis::diagnose(*s).findings) {
      for (const auto& r : f.remedies) {
        const auto* set = std::get_if<diagnosis::set_setting>(&r.action);
        if (set == nullptr || !r.command.starts_with("waitstate tune ")) continue;
        const std::vector words{fmt::format("{}={}", set->key, set->value)};
        const auto plan = plan_settings(*s, words);
        EXPECT_TRUE(plan) << entry.path() << ": " << plan.error().what;
        ++settings;
      }
    }
  }
  EXPECT_GT(settings, 20);
}

TEST(tune_plan, an_old_kernel_gets_only_what_it_has) {
  made_host h;
  h.s.host.kernel_release = "4.9.0";
  h.s.source = source_kind::pasted;
  const std::vector<std::string> words{"tcp_tw_reuse_delay=100"};
  h.without("net.ipv4.tcp_tw_reuse_delay");
  EXPECT_FALSE(plan_settings(h.s, words));
  h.set("net.ipv4.tcp_tw_recycle", "1");
  EXPECT_EQ(value_in(plan_tuning(h.s), "net.ipv4.tcp_tw_recycle"), "0");
}

}  // namespace
}  // namespace waitstate::remedy
