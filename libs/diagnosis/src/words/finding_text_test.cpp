#include "words/finding_text.h"

#include <gtest/gtest.h>

namespace waitstate::diagnosis {
namespace {

TEST(finding_text, names_a_source_a_person_can_check) {
  snapshot s;
  EXPECT_EQ(source_of(s), "sock_diag");
  s.source = source_kind::pasted;
  s.source_detail = "ss, sysctl";
  EXPECT_EQ(source_of(s), "pasted ss, sysctl");
}

TEST(finding_text, names_the_process_of_a_subject_only_where_it_is_known) {
  snapshot s;
  s.processes.push_back({.pid = 812, .name = "nginx"});
  const tcp::endpoint to{.address = tcp::address::v4({10, 0, 0, 7}), .port = 80};
  const auto known = destination_subject(s, to, {.kind = ownership::owned, .process = 0}, 0);
  EXPECT_EQ(known.text, "10.0.0.7:80");
  EXPECT_EQ(known.pid, 812);
  EXPECT_EQ(known.process, "nginx");
  EXPECT_EQ(destination_subject(s, to, {}, 0).pid, 0);
  EXPECT_EQ(process_subject(s, {}).text, "a process");
}

TEST(finding_text, says_where_a_subject_is_only_where_there_are_several_namespaces) {
  snapshot s;
  s.namespaces = {{.name = "blue", .inode = 1}};
  const tcp::endpoint to{.address = tcp::address::v4({10, 0, 0, 7}), .port = 80};
  EXPECT_EQ(destination_subject(s, to, {}, 0).net_namespace, "");
  s.namespaces.push_back({.inode = 4026532177});
  s.processes.push_back({.pid = 812, .name = "nginx", .net_namespace = 1});
  EXPECT_EQ(destination_subject(s, to, {}, 0).net_namespace, "blue");
  EXPECT_EQ(listener_subject(s, to, {}, 1).net_namespace, "net:[4026532177]");
  EXPECT_EQ(process_subject(s, {.kind = ownership::owned, .process = 0}).net_namespace,
            "net:[4026532177]");
  EXPECT_EQ(host_subject(s).net_namespace, "");
}

TEST(finding_text, names_the_container_of_the_process) {
  snapshot s;
  const std::string id(64, 'a');
  s.processes.push_back({.pid = 812, .name = "nginx", .cgroup = "/docker/" + id});
  EXPECT_EQ(process_subject(s, {.kind = ownership::owned, .process = 0}).container, id);
}

TEST(finding_text, lists_a_few_and_counts_the_rest) {
  EXPECT_EQ(listed({"a"}), "a");
  EXPECT_EQ(listed({"a", "b"}), "a and b");
  EXPECT_EQ(listed({"a", "b", "c"}), "a, b and c");
  EXPECT_EQ(listed({"a", "b", "c", "d", "e"}, 2), "a, b and 3 more");
}

TEST(finding_text, tells_a_runtime_from_the_words_of_its_error) {
  const auto of = [](const char* text, const char* program = "") {
    return runtime_of_message(
        {.kind = message_kind::address_not_available, .text = text, .program = program});
  };
  EXPECT_EQ(of("connect() failed (99)", "nginx"), runtime::nginx);
  EXPECT_EQ(of("urllib3.connection.HTTPConnection: [Errno 99]"), runtime::python);
  EXPECT_EQ(of("dial tcp 10.0.0.7:80: connect: cannot assign requested address"), runtime::go);
  EXPECT_EQ(of("Cannot assign requested address (os error 99)"), runtime::rust);
  EXPECT_EQ(of("Cannot assign requested address"), runtime::unknown);
}

TEST(is_plain, refuses_what_a_shell_or_a_configuration_would_act_on) {
  EXPECT_TRUE(is_plain("32768 60999"));
  EXPECT_TRUE(is_plain("[fe80::1%eth0]:80"));
  EXPECT_TRUE(is_plain("ec2-1-2-3-4.compute.example.com:443"));
  for (const auto* text : {"$(id)", "`id`", "x';id;'", "a; } b {", "a|b", "a&b", "\"", "a\nb"}) {
    EXPECT_FALSE(is_plain(text)) << text;
  }
}

}  // namespace
}  // namespace waitstate::diagnosis
