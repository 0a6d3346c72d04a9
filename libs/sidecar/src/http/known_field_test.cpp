#include "http/known_field.h"

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

TEST(known_field, is_known_in_whatever_case) {
  using enum known_field;
  EXPECT_EQ(known_field_of("Connection"), connection);
  EXPECT_EQ(known_field_of("CONTENT-LENGTH"), content_length);
  EXPECT_EQ(known_field_of("expect"), expect);
  EXPECT_EQ(known_field_of("hOST"), host);
  EXPECT_EQ(known_field_of("Keep-Alive"), keep_alive);
  EXPECT_EQ(known_field_of("Proxy-Authorization"), proxy_authorization);
  EXPECT_EQ(known_field_of("Proxy-Connection"), proxy_connection);
  EXPECT_EQ(known_field_of("te"), te);
  EXPECT_EQ(known_field_of("Trailer"), trailer);
  EXPECT_EQ(known_field_of("Transfer-Encoding"), transfer_encoding);
  EXPECT_EQ(known_field_of("Upgrade"), upgrade);
}

TEST(known_field, what_looks_like_framing_is_told_and_everything_else_is_other) {
  using enum known_field;
  EXPECT_EQ(known_field_of("Content_Length"), lookalike);
  EXPECT_EQ(known_field_of("transfer_encoding"), lookalike);
  for (const auto* name : {"", "X", "Hosts", "Keep_Alive", "Content.Length", "Content-Lengths",
                           "Transfer-Encodin", "X-Upgrade", "Traile", "Proxy-Authorisation"}) {
    EXPECT_EQ(known_field_of(name), other) << name;
  }
}

}  // namespace
}  // namespace waitstate::sidecar
