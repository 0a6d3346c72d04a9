#include "zookeeper_reply.h"

#include <zookeeper/zookeeper.h>

#include <array>

#include <gtest/gtest.h>

#include "waitstate/client/zookeeper/serverset_member.h"

namespace waitstate::client {
namespace {

std::array<char, 2> a{"a"};
std::array<char, 2> b{"b"};

/// What the C client frees once its callback has returned.
bool is_disowned(const String_vector& names) {
  return names.count == 0 && names.data == nullptr;
}

TEST(zookeeper_reply, has_the_children_of_a_node) {
  std::array<char*, 2> list{a.data(), b.data()};
  const String_vector names{.count = 2, .data = list.data()};
  const Stat found{.czxid = 7, .numChildren = 2};
  const auto reply = children_reply(ZOK, &names, &found);
  EXPECT_EQ(reply.code, ZOK);
  EXPECT_EQ(reply.children, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(reply.made, 7);
  EXPECT_EQ(names.count, 2);

  const String_vector nobody{};
  const Stat empty{};
  EXPECT_EQ(children_reply(ZOK, &nobody, &empty).code, ZOK);
  EXPECT_EQ(children_reply(ZNONODE, nullptr, nullptr).code, ZNONODE);
}

TEST(zookeeper_reply, is_corrupt_where_a_list_is_shorter_than_its_count) {
  std::array<char*, 3> list{a.data(), nullptr, nullptr};
  for (const int count : {3, -5, 2'147'483'647}) {
    String_vector names{.count = count, .data = list.data()};
    const Stat never_set{};
    EXPECT_EQ(children_reply(ZOK, &names, &never_set).code, ZMARSHALLINGERROR) << count;
    EXPECT_TRUE(is_disowned(names)) << count;
  }
  String_vector names{.count = 3, .data = list.data()};
  const Stat matching{.numChildren = 3};
  EXPECT_EQ(children_reply(ZOK, &names, &matching).code, ZMARSHALLINGERROR);
  EXPECT_TRUE(is_disowned(names));

  String_vector nowhere{.count = 3, .data = nullptr};
  EXPECT_EQ(children_reply(ZOK, &nowhere, &matching).code, ZMARSHALLINGERROR);
  EXPECT_EQ(children_reply(ZOK, nullptr, nullptr).code, ZMARSHALLINGERROR);
}

TEST(zookeeper_reply, has_the_data_of_a_node) {
  const Stat found{.czxid = 7, .ephemeralOwner = 9, .dataLength = 2};
  const auto reply = data_reply(ZOK, "\0x", 2, &found);
  EXPECT_EQ(reply.code, ZOK);
  EXPECT_EQ(reply.text, std::string_view("\0x", 2));
  EXPECT_EQ(reply.owner, 9);

  const Stat empty{};
  EXPECT_EQ(data_reply(ZOK, nullptr, -1, &empty).code, ZOK) << "a node without data";
  EXPECT_EQ(data_reply(ZOK, "", 0, &empty).code, ZOK);
  EXPECT_EQ(data_reply(ZNONODE, nullptr, 0, nullptr).code, ZNONODE);
}

TEST(zookeeper_reply, is_corrupt_where_data_are_not_what_was_announced) {
  auto* const wild = reinterpret_cast<char*>(16);  // what was on the C client's stack before
  for (const int size : {1 << 20, -7, 2'147'483'647}) {
    GetDataResponse theirs{.data = {.len = size, .buff = wild}, .stat = {}};
    EXPECT_EQ(data_reply(ZOK, theirs.data.buff, size, &theirs.stat).code, ZMARSHALLINGERROR);
    EXPECT_EQ(theirs.data.buff, nullptr) << "it would be freed";
  }
  const int too_much = static_cast<int>(serverset_data_max) + 1;
  GetDataResponse theirs{.data = {.len = too_much, .buff = wild}, .stat = {.dataLength = too_much}};
  EXPECT_EQ(data_reply(ZOK, wild, too_much, &theirs.stat).code, ZMARSHALLINGERROR);
  EXPECT_EQ(data_reply(ZOK, nullptr, 0, nullptr).code, ZMARSHALLINGERROR);
}

TEST(zookeeper_reply, needs_a_stat_and_a_path) {
  EXPECT_EQ(stat_reply(ZOK, nullptr).code, ZMARSHALLINGERROR);
  EXPECT_EQ(stat_reply(ZNONODE, nullptr).code, ZNONODE);
  EXPECT_EQ(text_reply(ZOK, nullptr).code, ZMARSHALLINGERROR);
  EXPECT_EQ(text_reply(ZOK, "/a").text, "/a");
}

}  // namespace
}  // namespace waitstate::client
