#include "waitstate/client/zookeeper/serverset_address.h"

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

struct good_address {
  const char* text;
  serverset_address read;
  const char* written;
};

TEST(serverset_address, reads_the_names_of_finagle_and_writes_them_again) {
  const good_address cases[] = {
      {"zk2!zk.local:2181!/twitter/service/cuckoo/prod/read",
       {{"zk.local:2181"}, "/twitter/service/cuckoo/prod/read", {}, {}},
       "zk2!zk.local:2181!/twitter/service/cuckoo/prod/read"},
      {"zk!a:1,b:2!/x!http", {{"a:1,b:2"}, "/x", "http", {}}, "zk2!a:1,b:2!/x!http"},
      {"zk2!a,b:2#c!/x", {{"a:2181,b:2", "c:2181"}, "/x", {}, {}}, "zk2!a:2181,b:2#c:2181!/x"},
      {"zk2![::1]!/x", {{"[::1]:2181"}, "/x", {}, {}}, "zk2![::1]:2181!/x"},
      {"/$/com.twitter.serverset/zk.local:2181/twitter/service/cuckoo/prod/read:http#0",
       {{"zk.local:2181"}, "/twitter/service/cuckoo/prod/read", "http", 0},
       "/$/com.twitter.serverset/zk.local:2181/twitter/service/cuckoo/prod/read:http#0"},
      {"/$/com.twitter.serverset/a:1\\x2cb:2#c:3/x/y",
       {{"a:1,b:2", "c:3"}, "/x/y", {}, {}},
       "zk2!a:1,b:2#c:3!/x/y"},
      {"/$/com.twitter.serverset/a/x#7",
       {{"a:2181"}, "/x", {}, 7},
       "/$/com.twitter.serverset/a:2181/x#7"},
      {"/$/com.twitter.serverset/a/x:admin",
       {{"a:2181"}, "/x", "admin", {}},
       "zk2!a:2181!/x!admin"},
  };
  for (const auto& [text, read, written] : cases) {
    const auto parsed = parse_serverset_address(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().what;
    EXPECT_EQ(*parsed, read) << text;
    EXPECT_EQ(to_string(*parsed), written);
    EXPECT_EQ(parse_serverset_address(written), read);
  }
}

struct bad_address {
  const char* text;
  const char* what;
};

TEST(serverset_address, says_which_part_is_wrong) {
  const bad_address cases[] = {
      {"", "serverset '': it starts with zk2!, zk! or /$/com.twitter.serverset/"},
      {"inet!a:1", "serverset 'inet!a:1': it starts with zk2!, zk! or /$/com.twitter.serverset/"},
      {"zk2!a:1", "serverset 'zk2!a:1': hosts and a path are needed"},
      {"zk2!!/x", "serverset 'zk2!!/x': '' is no list of hosts"},
      {"zk2!a:1#!/x", "serverset 'zk2!a:1#!/x': '' is no list of hosts"},
      {"zk2!a b!/x", "serverset 'zk2!a b!/x': 'a b' is no list of hosts"},
      {"zk2!a!x", "serverset 'zk2!a!x': the path starts with /"},
      {"zk2!a!/", "serverset 'zk2!a!/': '/' is no path of a node"},
      {"zk2!a!/x/", "serverset 'zk2!a!/x/': '/x/' is no path of a node"},
      {"zk2!a!/x/../y", "serverset 'zk2!a!/x/../y': '/x/../y' is no path of a node"},
      {"zk2!a!/x!", "serverset 'zk2!a!/x!': the endpoint's name is empty"},
      {"zk2!a!/x!y!z", "serverset 'zk2!a!/x!y!z': there is something after the endpoint's name"},
      {"/$/com.twitter.serverset/a",
       "serverset '/$/com.twitter.serverset/a': the path starts with /"},
      {"/$/com.twitter.serverset/a/x#y",
       "serverset '/$/com.twitter.serverset/a/x#y': the shard is no number"},
      {"/$/com.twitter.serverset/a/x:",
       "serverset '/$/com.twitter.serverset/a/x:': no name of an endpoint after ':'"},
      {"/$/com.twitter.serverset/a\\x/x",
       "serverset '/$/com.twitter.serverset/a\\x/x': an escape is \\x and two digits"},
  };
  for (const auto& [text, what] : cases) {
    const auto parsed = parse_serverset_address(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, errc::invalid_input);
    EXPECT_EQ(parsed.error().what, what);
  }
  EXPECT_FALSE(parse_serverset_address("zk2!a!/" + std::string(9000, 'x')));
  EXPECT_FALSE(parse_serverset_address("zk2!" + std::string(40, '#') + "!/x"));
}

TEST(serverset_address, an_announcement_names_a_shard_and_maybe_an_endpoint) {
  EXPECT_EQ(parse_announce_address("zk!a:1!/x!3"), (serverset_address{{"a:1"}, "/x", {}, 3}));
  EXPECT_EQ(parse_announce_address("zk!a:1!/x!3!http"),
            (serverset_address{{"a:1"}, "/x", "http", 3}));
  EXPECT_EQ(parse_announce_address("zk!a:1!/x").error().what,
            "serverset 'zk!a:1!/x': an announcement is zk!hosts!path!shard");
  EXPECT_EQ(parse_announce_address("zk!a:1!/x!y").error().what,
            "serverset 'zk!a:1!/x!y': the shard 'y' is no number");
}

}  // namespace
}  // namespace waitstate::client
