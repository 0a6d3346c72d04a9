#include "advice/reuse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "waitstate/snapshot/runtime.h"

namespace waitstate::diagnosis {
namespace {

using testing::HasSubstr;

std::string first_command(runtime r, std::uint16_t port) {
  return keep_connections({.runtime = r, .port = port, .destination = "10.0.0.7:80"})
      .front()
      .command;
}

TEST(remedies_reuse, speaks_the_language_of_the_runtime) {
  EXPECT_THAT(first_command(runtime::nginx, 80), HasSubstr("proxy_set_header Connection \"\";"));
  EXPECT_THAT(first_command(runtime::haproxy, 80), HasSubstr("http-reuse always"));
  EXPECT_THAT(first_command(runtime::python, 80), HasSubstr("requests.Session()"));
  EXPECT_THAT(first_command(runtime::node, 80), HasSubstr("keepAlive: true"));
  EXPECT_THAT(first_command(runtime::go, 80), HasSubstr("MaxIdleConnsPerHost"));
  EXPECT_THAT(first_command(runtime::java, 80), HasSubstr("PoolingHttpClientConnectionManager"));
  EXPECT_THAT(first_command(runtime::dotnet, 80), HasSubstr("SocketsHttpHandler"));
}

TEST(remedies_reuse, minds_the_service_where_the_runtime_has_one_way_for_each) {
  EXPECT_THAT(first_command(runtime::php, 6379), HasSubstr("pconnect('10.0.0.7', 6379)"));
  EXPECT_THAT(first_command(runtime::php, 3306), HasSubstr("ATTR_PERSISTENT"));
  EXPECT_THAT(first_command(runtime::php, 8081), HasSubstr("curl_init"));
  EXPECT_THAT(first_command(runtime::php, 9200), HasSubstr("curl_init"));
  EXPECT_THAT(first_command(runtime::unknown, 3306), HasSubstr("HikariCP"));
}

TEST(remedies_reuse, of_a_store_names_the_runtimes_own_pool_and_no_http_client) {
  EXPECT_EQ(first_command(runtime::python, 3306),
            "Python: redis.ConnectionPool, SQLAlchemy's engine\n");
  EXPECT_THAT(first_command(runtime::native, 3306), HasSubstr("HikariCP"));
}

TEST(remedies_reuse, every_runtime_has_a_remedy_and_every_remedy_something_to_paste) {
  for (int r = 0; r <= static_cast<int>(runtime::native); ++r) {
    for (const auto& remedy : keep_connections({.runtime = static_cast<runtime>(r), .port = 80})) {
      EXPECT_FALSE(remedy.text.empty());
      EXPECT_TRUE(remedy.command.ends_with('\n')) << remedy.text;
    }
  }
}

TEST(remedies_reuse, an_unknown_proxy_gets_the_two_most_common_ways) {
  const auto remedies = keep_upstream_connections({.destination = "*:8080"});
  ASSERT_EQ(remedies.size(), 2U);
  EXPECT_THAT(remedies[0].command, HasSubstr("server HOST:PORT;"));
}

}  // namespace
}  // namespace waitstate::diagnosis
