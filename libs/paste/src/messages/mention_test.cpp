#include "messages/mention.h"

#include <string_view>

#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

TEST(mention, is_what_code_manuals_pages_and_changes_say_of_an_error) {
  for (const std::string_view line : {
           "        if (errno == eaddrinuse) {",
           "  errserverclosedidle = errors.new(\"http: server closed idle connection\")",
           "    raise remotedisconnected(\"remote end closed connection without response\")",
           "// econnreset means that the peer went away",
           "if (err.code === 'eaddrinuse') {",
           "       emfile the per-process limit on the number of open file descriptors",
           "the most common reason for the \"mysql server has gone away\" error is a time-out",
           "the dreaded \"too many open files\" error is a common stumbling block",
           "how to fix java.net.bindexception: address already in use",
           "it waits. a server that restarts gets \"address already in use\" until then",
           "* fixed: pool timed out under load (\"timeout waiting for connection from pool\")",
           "- handle econnreset of idle sockets",
       }) {
    EXPECT_TRUE(is_mention(line)) << line;
  }
}

TEST(mention, is_nothing_that_a_program_said) {
  for (const std::string_view line : {
           "# bind: address already in use",
           "* java.net.bindexception: address already in use",
           "error: listen eaddrinuse: address already in use :::3000",
           "emfile: too many open files",
           "connect(3, {sa_family=af_inet}, 16) = -1 eaddrnotavail (cannot assign requested "
           "address)",
           "  code: 'eaddrinuse',",
           "i have a client that gets connection refused",
           "the per-process limit on the number of open file descriptors has been reached.",
           "",
       }) {
    EXPECT_FALSE(is_mention(line)) << line;
  }
}

}  // namespace
}  // namespace waitstate::paste
