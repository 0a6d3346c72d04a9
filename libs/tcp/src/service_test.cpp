#include "waitstate/tcp/service.h"

#include <gtest/gtest.h>

namespace waitstate::tcp {
namespace {

TEST(service, knows_what_usually_answers_on_a_port) {
  EXPECT_EQ(service_of(443)->name, "https");
  EXPECT_EQ(service_of(3306)->kind, service_kind::database);
  EXPECT_EQ(service_of(6379)->kind, service_kind::cache);
  EXPECT_EQ(service_of(9100)->kind, service_kind::metrics);
  EXPECT_FALSE(service_of(54321));
  EXPECT_FALSE(service_of(0));
  EXPECT_FALSE(service_of(65535));
}

TEST(service, reads_the_names_that_tools_print) {
  EXPECT_EQ(port_of_service("https"), 443);
  EXPECT_EQ(port_of_service("HTTPS"), 443);
  EXPECT_EQ(port_of_service("afs3-fileserver"), 7000);
  EXPECT_EQ(port_of_service("webcache"), 8080);
  EXPECT_FALSE(port_of_service("no-such-service"));
  EXPECT_FALSE(port_of_service(""));
}

}  // namespace
}  // namespace waitstate::tcp
