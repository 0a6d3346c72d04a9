#include "waitstate/client/zookeeper/serverset_member.h"

#include <string>

#include <gtest/gtest.h>

#include "serverset/serverset_thrift.h"

namespace waitstate::client {
namespace {

using namespace std::string_literals;

const std::string known =
    R"({"serviceEndpoint":{"host":"foo","port":1000},"additionalEndpoints":{"http":{"host":"foo","port":8080}},"status":"ALIVE","shard":42})";

serverset_member known_member() {
  return {.service = {"foo", 1000}, .additional = {{"http", {"foo", 8080}}}, .shard = 42};
}

TEST(serverset_member, reads_and_writes_what_finagle_does_byte_for_byte) {
  EXPECT_EQ(parse_serverset_member(known), known_member());
  EXPECT_EQ(to_json(known_member()), known);
}

TEST(serverset_member, leaves_out_what_is_not_set_and_writes_metadata_last) {
  EXPECT_EQ(
      to_json({.service = {"a", 1}}),
      R"({"serviceEndpoint":{"host":"a","port":1},"additionalEndpoints":{},"status":"ALIVE"})");
  const serverset_member with_metadata{
      .service = {"a", 1}, .shard = 0, .metadata = {{{"zone", "east"}}}};
  EXPECT_EQ(
      to_json(with_metadata),
      R"({"serviceEndpoint":{"host":"a","port":1},"additionalEndpoints":{},"status":"ALIVE","shard":0,"metadata":{"zone":"east"}})");
  EXPECT_EQ(parse_serverset_member(to_json(with_metadata)), with_metadata);
}

TEST(serverset_member, escapes_as_gson_does) {
  const serverset_member odd{.service = {"a<b>&='\"\\\n\x01\u2028", 1}};
  const auto text = to_json(odd);
  EXPECT_NE(text.find(R"("a\u003cb\u003e\u0026\u003d\u0027\"\\\n\u0001\u2028")"), text.npos);
  EXPECT_EQ(parse_serverset_member(text), odd);
}

TEST(serverset_member, reads_statuses_by_name_and_number) {
  const auto status = [](const std::string& value) {
    return parse_serverset_member(R"({"serviceEndpoint":{"host":"a","port":1},"status":)" + value +
                                  "}")
        ->status;
  };
  EXPECT_EQ(status(R"("DEAD")"), serverset_status::dead);
  EXPECT_EQ(status(R"("STARTING")"), serverset_status::starting);
  EXPECT_EQ(status(R"("ALIVE")"), serverset_status::alive);
  EXPECT_EQ(status("2"), serverset_status::alive);
  EXPECT_EQ(status("5"), serverset_status::warning);
  EXPECT_EQ(status("6"), serverset_status::unknown);
  EXPECT_EQ(status("-1"), serverset_status::unknown);
  EXPECT_EQ(status(R"("alive")"), serverset_status::unknown);
  EXPECT_EQ(status("null"), serverset_status::unknown);
}

TEST(serverset_member, keeps_a_member_whose_endpoint_is_not_usable) {
  const auto member = parse_serverset_member(
      R"({"serviceEndpoint":{"host":null,"port":70000},"additionalEndpoints":{"x":{}},"status":"ALIVE","more":[1]})");
  ASSERT_TRUE(member);
  EXPECT_EQ(member->service, (endpoint{"", 0}));
  EXPECT_EQ(member->additional.at("x"), (endpoint{"", 0}));
}

struct bad_member {
  const char* data;
  const char* what;
};

TEST(serverset_member, says_what_is_wrong) {
  const bad_member cases[] = {
      {"", "serverset member: neither JSON nor a Thrift ServiceInstance"},
      {"[]", "serverset member: neither JSON nor a Thrift ServiceInstance"},
      {"{", "serverset member: not JSON"},
      {"{}", "serverset member: no 'serviceEndpoint'"},
      {R"({"serviceEndpoint":1})", "serverset member: 'serviceEndpoint' is no object"},
      {R"({"serviceEndpoint":{}})", "serverset member: no 'status'"},
      {R"({"serviceEndpoint":{},"status":"ALIVE","additionalEndpoints":[]})",
       "serverset member: 'additionalEndpoints' is no object"},
      {R"({"serviceEndpoint":{},"status":"ALIVE","additionalEndpoints":{"a":1}})",
       "serverset member: the endpoint 'a' is no object"},
      {R"({"serviceEndpoint":{},"status":"ALIVE","shard":"x"})",
       "serverset member: 'shard' is no whole number"},
      {R"({"serviceEndpoint":{},"status":"ALIVE","shard":5000000000})",
       "serverset member: 'shard' has over 32 bits"},
      {R"({"serviceEndpoint":{},"status":"ALIVE","shard":18446744073709551615})",
       "serverset member: 'shard' has over 32 bits"},
      {R"({"a":[[[[[[[[[[[[1]]]]]]]]]]]]})", "serverset member: over 8 levels of JSON"},
  };
  for (const auto& [data, what] : cases) {
    const auto parsed = parse_serverset_member(data);
    ASSERT_FALSE(parsed) << data;
    EXPECT_EQ(parsed.error().code, errc::corrupt);
    EXPECT_EQ(parsed.error().what, what);
  }
  const auto large = parse_serverset_member(std::string((1 << 20) + 1, ' '));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().what, "serverset member: over 1 MiB");
}

// Endpoint{1: "foo", 2: 1000}
const auto thrift_foo =
    "\x0b\x00\x01\x00\x00\x00\x03"
    "foo\x08\x00\x02\x00\x00\x03\xe8\x00"s;
const auto thrift_known = "\x0c\x00\x01"s + thrift_foo +
                          "\x0d\x00\x02\x0b\x0c\x00\x00\x00\x01\x00\x00\x00\x04http"s + thrift_foo +
                          "\x08\x00\x03\x00\x00\x00\x02\x08\x00\x04\x00\x00\x00\x2a"s;

TEST(serverset_member, reads_the_thrift_of_old_members) {
  const auto expected = serverset_member{
      .service = {"foo", 1000}, .additional = {{"http", {"foo", 1000}}}, .shard = 42};
  EXPECT_EQ(parse_serverset_member(thrift_known + "\0"s), expected);
  // A list of strings and a struct with a double, as fields nobody knows.
  const auto unknown_fields =
      "\x0f\x00\x09\x0b\x00\x00\x00\x01\x00\x00\x00\x02hi"
      "\x0c\x00\x0a\x04\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"s;
  EXPECT_EQ(parse_serverset_member(thrift_known + unknown_fields + "\0"s), expected);
}

TEST(serverset_member, refuses_thrift_that_is_cut_anywhere) {
  for (std::size_t size = 0; size < thrift_known.size(); ++size) {
    EXPECT_FALSE(parse_serverset_member(thrift_known.substr(0, size))) << size;
  }
  EXPECT_FALSE(parse_serverset_member(thrift_known)) << "no end of the struct";
  const auto deep = [](int levels) {
    std::string text;
    for (int i = 0; i < levels; ++i) text += "\x0c\x00\x09"s;
    return text + std::string(static_cast<std::size_t>(levels), '\0');
  };
  EXPECT_TRUE(parse_serverset_member(thrift_known + deep(7) + "\0"s));
  EXPECT_FALSE(parse_serverset_member(thrift_known + deep(20) + "\0"s));
}

}  // namespace
}  // namespace waitstate::client
