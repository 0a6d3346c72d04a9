#include "waitstate/remedy/tune/settings_audit.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "host_fixture.h"

namespace waitstate::remedy {
namespace {

std::vector<sysctl_file> files_of(const char* text) {
  return {{.path = "/etc/sysctl.d/50-a.conf", .said = parse_sysctl(text)}};
}

const audited_setting* trouble_in(const settings_audit& audit, setting_trouble t) {
  const auto at = std::ranges::find(audit.troubles, t, &audited_setting::trouble);
  return at == audit.troubles.end() ? nullptr : &*at;
}

TEST(settings_audit, a_host_with_the_kernels_own_settings_is_in_order) {
  const made_host h;
  const auto audit = audit_settings(h.s, {});
  EXPECT_TRUE(audit.troubles.empty());
  EXPECT_EQ(audit.judged, h.s.namespaces[0].sysctls.size());
}

TEST(settings_audit, tells_what_is_misguided_now) {
  made_host h;
  h.set("net.ipv4.tcp_fin_timeout", "15").set("net.ipv4.tcp_max_tw_buckets", "5000");
  const auto audit = audit_settings(h.s, {});
  ASSERT_EQ(audit.troubles.size(), 2U);
  EXPECT_EQ(audit.troubles[0].key, "net.ipv4.tcp_fin_timeout");
  EXPECT_EQ(audit.troubles[0].trouble, setting_trouble::misguided);
}

TEST(settings_audit, tells_what_the_next_boot_would_set) {
  const made_host h;
  const auto audit = audit_settings(h.s, files_of("net.ipv4.tcp_keepalive_time = 600\n"
                                                  "net.ipv4.tcp_fin_timeout = 10\n"
                                                  "net.ipv4.tcp_tw_recycle = 1\n"
                                                  "net.ipv4.tcp_rmem = 4096 87380 16777216\n"
                                                  "net.ipv4.ip_local_port_range = 32768\t60999\n"
                                                  "nonsense\n"));
  const auto* differs = trouble_in(audit, setting_trouble::boot_differs);
  ASSERT_NE(differs, nullptr);
  EXPECT_NE(trouble_in(audit, setting_trouble::boot_misguided), nullptr);
  const auto* gone = trouble_in(audit, setting_trouble::not_here);
  ASSERT_NE(gone, nullptr);
  EXPECT_EQ(gone->key, "net.ipv4.tcp_tw_recycle");
  const bool has_range = std::ranges::any_of(audit.troubles, [](const audited_setting& t) {
    return t.key == "net.ipv4.ip_local_port_range";
  });
  EXPECT_FALSE(has_range) << "the same value in another spelling";
  ASSERT_EQ(audit.unread.size(), 1U);
  EXPECT_EQ(audit.unread[0].line, 6U);
}

TEST(settings_audit, tells_of_a_name_that_the_kernel_does_not_have_and_of_a_value_it_refuses) {
  const made_host h;
  const auto here = [](std::string_view key) -> std::optional<bool> {
    return key == "net.ipv4.tcp_rmem";
  };
  const auto audit = audit_settings(h.s,
                                    files_of("net.ipv4.tcp_tw_resue = 1\n"
                                             "net.ipv4.tcp_rmem = 4096 131072 6291456\n"
                                             "net.ipv4.conf.eth7.rp_filter = 0\n"
                                             "net.ipv4.tcp_fin_timeout = soon\n"
                                             "net.ipv4.tcp_keepalive_probes = 500\n"),
                                    here);
  std::vector<std::string> names;
  for (const auto& t : audit.troubles) {
    if (t.trouble == setting_trouble::not_here) {
      names.push_back(t.key);
      EXPECT_NE(t.why.find("did you mean"), t.why.npos) << t.why;
      EXPECT_NE(t.why.find("net.ipv4.tcp_tw_reuse"), t.why.npos) << t.why;
    }
    if (t.trouble == setting_trouble::impossible) names.push_back(t.key);
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_probes",
                                      "net.ipv4.tcp_tw_resue"}));
  EXPECT_EQ(trouble_in(audit_settings(h.s, files_of("net.ipv4.tcp_tw_resue = 1\n")),
                       setting_trouble::not_here),
            nullptr)
      << "of a paste nobody knows";
}

TEST(settings_audit, does_not_condemn_what_it_advised) {
  made_host h;
  h.set("net.ipv4.tcp_fin_timeout", "30");
  const std::vector<sysctl_file> ours{
      {.path = "/etc/sysctl.d/99-waitstate.conf",
       .said = parse_sysctl("net.ipv4.tcp_fin_timeout = 30\nnet.ipv4.tcp_tw_reuse = 1\n")}};
  const auto audit = audit_settings(h.s, ours);
  EXPECT_EQ(trouble_in(audit, setting_trouble::boot_misguided), nullptr);
  EXPECT_EQ(trouble_in(audit, setting_trouble::misguided), nullptr);
  EXPECT_NE(trouble_in(audit, setting_trouble::boot_differs), nullptr) << "it is 2 now";
}

TEST(settings_audit, counts_the_lines_past_those_that_it_tells) {
  const made_host h;
  std::string text;
  for (int i = 0; i < 100; ++i) text += "nonsense\n";
  const auto audit = audit_settings(h.s, files_of(text.c_str()));
  EXPECT_EQ(audit.unread.size(), 64U);
  EXPECT_EQ(audit.unread_more, 36U);
}

TEST(settings_audit, tells_of_a_line_that_another_one_hides) {
  const made_host h;
  const auto audit =
      audit_settings(h.s, files_of("net.ipv4.tcp_tw_reuse = 1\nnet.ipv4.tcp_tw_reuse = 2\n"));
  ASSERT_EQ(audit.troubles.size(), 1U);
  EXPECT_EQ(audit.troubles[0].trouble, setting_trouble::hidden_line);
  ASSERT_TRUE(audit.troubles[0].hidden);
  EXPECT_EQ(audit.troubles[0].hidden->line, 1U);
}

}  // namespace
}  // namespace waitstate::remedy
