#include "waitstate/client/thrift/thrift_message.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

using namespace std::string_view_literals;

TEST(thrift_message, is_read_in_each_protocol) {
  struct {
    std::string_view bytes;
    thrift_protocol protocol;
    thrift_message_type type;
    std::string_view name;
    std::int32_t seqid;
  } const table[] = {
      {"\x80\x01\0\x01\0\0\0\x04"
       "ping\0\0\0\x07\0"sv,
       thrift_protocol::binary, thrift_message_type::call, "ping", 7},
      {"\x80\x01\0\x02\0\0\0\0\xff\xff\xff\xff\0"sv, thrift_protocol::binary,
       thrift_message_type::reply, "", -1},
      {"\0\0\0\x04ping\x04\0\0\0\x07\0"sv, thrift_protocol::old_binary, thrift_message_type::oneway,
       "ping", 7},
      {"\x82\x21\x07\x04ping\0"sv, thrift_protocol::compact, thrift_message_type::call, "ping", 7},
      {"\x82\x61\xff\xff\xff\xff\x0f\x03s:m\0"sv, thrift_protocol::compact,
       thrift_message_type::exception, "s:m", -1},
  };
  for (const auto& row : table) {
    const auto read = read_thrift_envelope(row.bytes);
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(read->protocol, row.protocol);
    EXPECT_EQ(read->type, row.type);
    EXPECT_EQ(read->name, row.name);
    EXPECT_EQ(read->seqid, row.seqid);
    EXPECT_EQ(row.bytes.substr(read->body_at), "\0"sv);
    std::string written;
    append_thrift_envelope(written, *read);
    EXPECT_EQ(written + '\0', row.bytes);
  }
}

TEST(thrift_message, that_is_none_is_refused) {
  const auto why = [](std::string_view bytes) {
    const auto read = read_thrift_envelope(bytes);
    return read ? "it was read" : read.error().what;
  };
  EXPECT_EQ(why(""), "thrift message: empty");
  EXPECT_EQ(why("GET / HTTP/1.1"),
            "thrift message: begins with 0x47, neither TBinaryProtocol nor TCompactProtocol");
  EXPECT_EQ(why("\x80\x01\0\x01\0\0\0\x09ping\0\0\0\0"sv),
            "thrift message: its envelope is cut or wrong");
  EXPECT_EQ(why("\x80\x01\0\x01\xff\xff\xff\xffping\0\0\0\0"sv),
            "thrift message: its envelope is cut or wrong");
  EXPECT_EQ(why("\x82\x22\x07\x04ping\0"sv), "thrift message: its envelope is cut or wrong");
  EXPECT_EQ(why("\x82\x21\xff\xff\xff\xff\xff\x04ping\0"sv),
            "thrift message: its envelope is cut or wrong");
  EXPECT_EQ(why("\x80\x01\0\x09\0\0\0\0\0\0\0\0\0"sv),
            "thrift message: of type 9, which there is not");
}

TEST(thrift_message, gets_another_number_in_place) {
  for (const auto protocol :
       {thrift_protocol::binary, thrift_protocol::old_binary, thrift_protocol::compact}) {
    std::string message;
    append_thrift_envelope(message, {.protocol = protocol, .seqid = 3, .name = "ping"});
    message += "body";
    const auto before = message;
    const auto read = read_thrift_envelope(message).value();
    if (protocol == thrift_protocol::compact) {
      EXPECT_FALSE(set_thrift_seqid(message, read, 0x01020304));
      EXPECT_EQ(message, before);
      continue;
    }
    EXPECT_TRUE(set_thrift_seqid(message, read, 0x01020304));
    EXPECT_EQ(read_thrift_envelope(message)->seqid, 0x01020304);
    EXPECT_TRUE(message.ends_with("body"));
    EXPECT_EQ(message.size(), before.size());
  }
}

thrift_exception exception_in(std::string_view bytes) {
  return read_thrift_exception(bytes, read_thrift_envelope(bytes).value()).value();
}

TEST(thrift_message, of_type_exception_says_whose_fault_it_is) {
  // A field that is not known (a map of i32 to strings) is between the two.
  const auto binary = exception_in(
      "\x80\x01\0\x03\0\0\0\x01m\0\0\0\0"
      "\x0b\0\x01\0\0\0\x03"
      "bad\x0d\0\x07\x08\x0b\0\0\0\x01\0\0\0\x05\0\0\0\x01x\x08\0\x02\0\0\0\x01\0"sv);
  EXPECT_EQ(binary.message, "bad");
  EXPECT_EQ(binary.type, thrift_exception::unknown_method);
  EXPECT_FALSE(binary.is_server_failure());
  const auto compact = exception_in(
      "\x82\x61\0\x01m\x18\x03"
      "bad\x15\x0c\0"sv);
  EXPECT_EQ(compact.message, "bad");
  EXPECT_EQ(compact.type, thrift_exception::internal_error);
  EXPECT_TRUE(compact.is_server_failure());
  EXPECT_TRUE(thrift_exception{}.is_server_failure());
}

TEST(thrift_message, with_an_endless_or_too_deep_struct_is_refused) {
  const auto read = [](std::string_view body) {
    const auto bytes = std::string("\x80\x01\0\x03\0\0\0\0\0\0\0\0"sv) + std::string(body);
    return read_thrift_exception(bytes, read_thrift_envelope(bytes).value());
  };
  // A list of two billion bytes, and structs in structs.
  EXPECT_FALSE(read("\x0f\0\x07\x03\x7f\xff\xff\xff\0"sv));
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "\x0c\0\x07"sv;
  EXPECT_FALSE(read(deep + std::string(101, '\0')));
  EXPECT_TRUE(read("\x0c\0\x07\x0c\0\x07\0\0\0"sv));
  EXPECT_FALSE(read("\x05\0\x07\0"sv)) << "there is no type 5";
}

}  // namespace
}  // namespace waitstate::client
