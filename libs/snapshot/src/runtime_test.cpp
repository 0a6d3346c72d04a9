#include "waitstate/snapshot/runtime.h"

#include <gtest/gtest.h>

namespace waitstate {
namespace {

TEST(runtime, is_told_from_the_file_the_name_or_the_command) {
  EXPECT_EQ(runtime_of("worker", "", "/usr/bin/python3.11"), runtime::python);
  EXPECT_EQ(runtime_of("nginx: worke", "", "/usr/bin/python3.11"), runtime::python);
  EXPECT_EQ(runtime_of("gunicorn: worke", "", "/usr/bin/python3.11"), runtime::gunicorn);
  EXPECT_EQ(runtime_of("uwsgi", "", "/usr/bin/uwsgi-core"), runtime::uwsgi);
  EXPECT_EQ(runtime_of("java", "", ""), runtime::java);
  EXPECT_EQ(runtime_of("", "/usr/sbin/nginx -g daemon", ""), runtime::nginx);
  EXPECT_EQ(runtime_of("C:\\inetpub\\w3wp.exe", "", ""), runtime::dotnet);
}

TEST(runtime, takes_versions_but_no_other_words) {
  EXPECT_EQ(runtime_of("php-fpm7.4", "", ""), runtime::php);
  EXPECT_EQ(runtime_of("python3", "", ""), runtime::python);
  EXPECT_EQ(runtime_of("Python", "", ""), runtime::python);
  EXPECT_EQ(runtime_of("javac", "", ""), runtime::unknown);
  EXPECT_EQ(runtime_of("node_exporter", "", ""), runtime::go);
  EXPECT_EQ(runtime_of("", "", ""), runtime::unknown);
}

TEST(runtime, knows_which_are_proxies) {
  EXPECT_TRUE(is_proxy(runtime::nginx));
  EXPECT_TRUE(is_proxy(runtime::envoy));
  EXPECT_FALSE(is_proxy(runtime::php));
  EXPECT_FALSE(is_proxy(runtime::unknown));
}

TEST(runtime, every_name_reads_back) {
  for (const auto value : all_runtimes)
    EXPECT_EQ(parse_runtime(to_string(value)), value) << to_string(value);
  EXPECT_EQ(all_runtimes.size(), static_cast<std::size_t>(runtime::native) + 1);
  EXPECT_EQ(parse_runtime("php"), std::nullopt);
}

}  // namespace
}  // namespace waitstate
