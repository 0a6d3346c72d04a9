#include "thrift/thrift_own_answer.h"

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

using client::thrift_envelope;
using client::thrift_message_type;
using client::thrift_protocol;

TEST(thrift_own_answer, is_an_exception_in_the_protocol_of_the_call) {
  for (const auto protocol :
       {thrift_protocol::binary, thrift_protocol::old_binary, thrift_protocol::compact}) {
    const thrift_envelope call{.protocol = protocol, .seqid = 300, .name = "search:find"};
    const auto answer = thrift_own_answer(call, "nobody is there");
    const auto read = client::read_thrift_envelope(answer).value();
    EXPECT_EQ(read.protocol, protocol);
    EXPECT_EQ(read.type, thrift_message_type::exception);
    EXPECT_EQ(read.seqid, 300);
    EXPECT_EQ(read.name, "search:find");
    const auto exception = client::read_thrift_exception(answer, read).value();
    EXPECT_EQ(exception.message, "waitstate: nobody is there");
    EXPECT_EQ(exception.type, client::thrift_exception::internal_error);
  }
}

TEST(thrift_own_answer, a_call_that_nobody_answers_is_made_oneway) {
  for (const auto protocol :
       {thrift_protocol::binary, thrift_protocol::old_binary, thrift_protocol::compact}) {
    std::string message;
    client::append_thrift_envelope(message, {.protocol = protocol, .seqid = 7, .name = "log"});
    message += '\0';
    const auto size = message.size();
    make_oneway(message, client::read_thrift_envelope(message).value());
    const auto read = client::read_thrift_envelope(message).value();
    EXPECT_EQ(read.type, thrift_message_type::oneway);
    EXPECT_EQ(read.seqid, 7);
    EXPECT_EQ(read.name, "log");
    EXPECT_EQ(message.size(), size);
  }
}

}  // namespace
}  // namespace waitstate::sidecar
