#include "waitstate/remedy/tune/kernel_setting.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace waitstate::remedy {
namespace {

TEST(kernel_setting, each_says_what_it_does_and_when_it_helps) {
  for (const auto& s : kernel_settings()) {
    EXPECT_FALSE(s.does.empty()) << s.key;
    EXPECT_FALSE(s.helps.empty()) << s.key;
    if (s.form == setting_form::number) EXPECT_LT(s.least, s.most) << s.key;
    const auto found = setting_named(s.key);
    ASSERT_TRUE(found) << s.key;
    EXPECT_EQ((*found)->key, s.key);
  }
}

TEST(kernel_setting, is_found_by_any_spelling_of_its_name) {
  for (const auto* name : {"net.ipv4.tcp_tw_reuse", "net/ipv4/tcp_tw_reuse", "tcp_tw_reuse"}) {
    const auto found = setting_named(name);
    ASSERT_TRUE(found) << name;
    EXPECT_EQ((*found)->key, "net.ipv4.tcp_tw_reuse");
  }
  const auto near = setting_named("tcp_tw_resue");
  ASSERT_FALSE(near);
  EXPECT_EQ(near.error().hint, "did you mean 'tcp_tw_reuse'?");
  EXPECT_FALSE(setting_named("../../etc/passwd"));
  EXPECT_FALSE(setting_named(""));
}

struct typed_value {
  const char* key;
  const char* typed;
  const char* value;  ///< nullptr: refused.
};

TEST(kernel_setting, a_value_is_taken_in_the_kernels_form) {
  constexpr std::array cases{
      typed_value{"tcp_tw_reuse", "1", "1"},
      typed_value{"tcp_tw_reuse", "3", nullptr},
      typed_value{"tcp_tw_reuse", "-1", nullptr},
      typed_value{"tcp_tw_reuse", "1 ", nullptr},
      typed_value{"tcp_tw_reuse", "", nullptr},
      typed_value{"tcp_fin_timeout", "0", nullptr},
      typed_value{"ip_local_port_range", "10240 65535", "10240 65535"},
      typed_value{"ip_local_port_range", "10240-65535", "10240 65535"},
      typed_value{"ip_local_port_range", "10240\t65535", "10240 65535"},
      typed_value{"ip_local_port_range", "65535 10240", nullptr},
      typed_value{"ip_local_port_range", "1 $(reboot)", nullptr},
      typed_value{"ip_local_reserved_ports", "9001,8080,9000", "8080,9000-9001"},
      typed_value{"ip_local_reserved_ports", "", ""},
      typed_value{"ip_local_reserved_ports", "http", nullptr},
      typed_value{"tcp_mem", "1\t2  3", "1 2 3"},
      typed_value{"tcp_mem", "1 2", nullptr},
      typed_value{"tcp_mem", "1 2 -3", nullptr}};
  for (const auto& c : cases) {
    const auto setting = setting_named(c.key);
    ASSERT_TRUE(setting);
    const auto value = checked_value(**setting, c.typed);
    EXPECT_EQ(value.has_value(), c.value != nullptr) << c.key << " " << c.typed;
    if (value && c.value != nullptr) EXPECT_EQ(*value, c.value);
  }
}

TEST(kernel_setting, belongs_to_kernels) {
  const auto recycle = setting_named("tcp_tw_recycle");
  ASSERT_TRUE(recycle);
  EXPECT_TRUE(is_in(**recycle, kernel_version{4, 11}));
  EXPECT_FALSE(is_in(**recycle, kernel_version{4, 12}));
  EXPECT_TRUE(is_in(**recycle, std::nullopt));
  const auto delay = setting_named("tcp_tw_reuse_delay");
  ASSERT_TRUE(delay);
  EXPECT_FALSE(is_in(**delay, kernel_version{6, 13}));
  EXPECT_TRUE(is_in(**delay, kernel_version{6, 14}));
}

}  // namespace
}  // namespace waitstate::remedy
