#include "thrift/thrift_binary_scanner.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

using namespace std::string_literals;

const std::string begin = "\x80\x01\0\x01\0\0\0\x03"s + "ask" + "\0\0\0\x07"s;

/// How many of the bytes it takes when it gets them one by one; 0 where it refuses them.
std::size_t length_of(const std::string& bytes, std::string_view* refused = nullptr,
                      std::uint32_t message_max = 1'000) {
  thrift_binary_scanner scanner(message_max);
  std::size_t taken = 0;
  for (const char byte : bytes) taken += scanner.take({&byte, 1});
  if (refused != nullptr) *refused = scanner.refused();
  thrift_binary_scanner at_once(message_max);
  const auto whole = at_once.take(bytes);
  EXPECT_EQ(at_once.refused(), scanner.refused());
  EXPECT_EQ(at_once.is_done(), scanner.is_done());
  if (!scanner.refused().empty()) return 0;
  EXPECT_EQ(whole, taken);
  return scanner.is_done() ? taken : 0;
}

TEST(thrift_binary_scanner, ends_with_the_struct_whatever_is_in_it) {
  const std::string field = "\0\x01"s;
  const std::string values[] = {
      "",
      "\x02" + field + "\x01",                                               // bool
      "\x04" + field + "12345678",                                           // double
      "\x06" + field + "12",                                                 // i16
      "\x0b" + field + "\0\0\0\x05hello"s,                                   // text
      "\x0b" + field + "\0\0\0\0"s,                                          // none
      "\x0c" + field + "\x08" + field + "1234\0"s,                           // struct
      "\x0f" + field + "\x08\0\0\0\x02"s + "12345678",                       // list<i32>
      "\x0e" + field + "\x0b\0\0\0\x02\0\0\0\x01x\0\0\0\0"s,                 // set<string>
      "\x0f" + field + "\x0c\0\0\0\x03\0\0"s + "\x08" + field + "1234\0"s,   // list<struct>
      "\x0d" + field + "\x0b\x08\0\0\0\x02\0\0\0\x01k1234\0\0\0\x01j1234"s,  // map<string, i32>
      "\x0d" + field + "\x08\x0b\0\0\0\x01"s + "1234\0\0\0\x01v"s,           // map<i32, string>
      "\x0d" + field + "\0\0\0\0\0\0"s,                                      // a map of nothing
      "\x0f" + field + "\x0f\0\0\0\x02\x03\0\0\0\x02"s + "ab\x03\0\0\0\0"s,  // list<list<i8>>
      "\x10" + field + "0123456789abcdef",                                   // uuid
  };
  for (const auto& value : values) {
    const auto message = begin + value + "\0"s;
    EXPECT_EQ(length_of(message + "next"), message.size()) << testing::PrintToString(value);
    EXPECT_EQ(length_of(message.substr(0, message.size() - 1)), 0U);
  }
  const auto message = begin + values[8] + values[10] + values[12] + values[1] + "\0"s;
  EXPECT_EQ(length_of(message), message.size());
}

TEST(thrift_binary_scanner, refuses_what_is_no_message) {
  const auto why = [](const std::string& bytes, std::uint32_t message_max = 1'000) {
    std::string_view said;
    EXPECT_EQ(length_of(bytes, &said, message_max), 0U);
    return said;
  };
  EXPECT_EQ(why("GET / HTTP/1.1"), "it is no strict TBinaryProtocol");
  EXPECT_EQ(why("\x80\x01\0\x05\0\0\0\0"s), "it is no strict TBinaryProtocol");
  EXPECT_EQ(why("\x80\x01\0\x01\xff\0\0\0"s), "a negative size");
  EXPECT_EQ(why(begin + "\x01\0\x01"s), "an unknown type");
  EXPECT_EQ(why(begin + "\x0b\0\x01\xff\xff\xff\xff"s), "a negative size");
  EXPECT_EQ(why(begin + "\x0f\0\x01\x0b\xff\xff\xff\xff"s), "a negative count");
  EXPECT_EQ(why(begin + "\x0f\0\x01\x05\0\0\0\x01"s), "an unknown type");
  EXPECT_EQ(why(begin + "\x0f\0\x01\x0b\x7f\xff\xff\xff"s), "the message is over the limit");
  EXPECT_EQ(why(begin + "\x0f\0\x01\x0a\x7f\xff\xff\xff"s), "the message is over the limit");
  EXPECT_EQ(why(begin + "\x0b\0\x01\0\0\x10\0"s), "the message is over the limit");
  std::string deep = begin;
  for (int i = 0; i < 70; ++i) deep += "\x0c\0\x01"s;
  EXPECT_EQ(why(deep), "values within values are too deep");
}

TEST(thrift_binary_scanner, counts_the_bytes_of_a_message) {
  const auto message = begin + "\x0b\0\x01\0\0\0\x05hello\0"s;
  const auto size = static_cast<std::uint32_t>(message.size());
  EXPECT_EQ(length_of(message, nullptr, size), message.size());
  std::string_view said;
  EXPECT_EQ(length_of(message, &said, size - 1), 0U);
  EXPECT_EQ(said, "the message is over the limit");
}

}  // namespace
}  // namespace waitstate::sidecar
