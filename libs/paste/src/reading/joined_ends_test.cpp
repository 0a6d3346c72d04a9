#include "reading/joined_ends.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "waitstate/paste/read.h"

namespace waitstate::paste {
namespace {

using tcp::state;

/// What `host` printed when it was asked for its sockets.
std::string typed_on(const std::string& host, const std::string& rows) {
  return "root@" + host + ":~# ss -tanp\n" + rows;
}

std::string client_rows(const std::string& remote, int first, int count) {
  std::string rows;
  for (int i = 0; i < count; ++i) {
    rows += "FIN-WAIT-2 0 0 10.0.0.5:" + std::to_string(first + i) + " " + remote + "\n";
  }
  return rows;
}

std::string server_rows(const std::string& peer, int first, int count) {
  std::string rows = "LISTEN 0 100 0.0.0.0:8080 0.0.0.0:*\n";
  for (int i = 0; i < count; ++i) {
    rows += "CLOSE-WAIT 9 0 10.0.0.9:8080 " + peer + ":" + std::to_string(first + i) +
            " users:((\"java\",pid=12,fd=7))\n";
  }
  return rows;
}

std::vector<snapshot> read_text(const std::string& text) {
  const std::vector<named_text> texts{{.name = "paste.txt", .text = text}};
  auto read = read_hosts(texts);
  EXPECT_TRUE(read);
  return read ? *std::move(read) : std::vector<snapshot>{};
}

TEST(joined_ends, two_ends_are_joined_by_their_addresses) {
  const auto hosts = read_text(typed_on("web1", client_rows("10.0.0.9:8080", 40'000, 5)) +
                               typed_on("app1", server_rows("10.0.0.5", 40'000, 4)));
  ASSERT_EQ(hosts.size(), 2U);
  EXPECT_EQ(hosts[0].host.name, "web1");
  ASSERT_EQ(hosts[0].far_ends.size(), 1U);
  const auto& far = hosts[0].far_ends[0];
  EXPECT_EQ(far.state, state::fin_wait_2);
  EXPECT_EQ(far.far_state, state::close_wait);
  EXPECT_EQ(far.direction, direction::outbound);
  EXPECT_EQ(tcp::to_string(far.service), "10.0.0.9:8080");
  EXPECT_EQ(far.host, "app1");
  EXPECT_EQ(far.far_owner, "java (pid 12)");
  EXPECT_EQ(far.count, 4U);
  EXPECT_EQ(far.far_unread, 4U);
  EXPECT_EQ(far.how, joined_by::addresses);
  ASSERT_EQ(hosts[1].far_ends.size(), 1U);
  EXPECT_EQ(hosts[1].far_ends[0].far_state, state::fin_wait_2);
  EXPECT_EQ(hosts[1].far_ends[0].direction, direction::inbound);
}

TEST(joined_ends, behind_a_nat_the_ports_tell) {
  const auto hosts = read_text(typed_on("web1", client_rows("192.0.2.1:8080", 40'000, 5)) +
                               typed_on("app1", server_rows("172.16.0.1", 40'000, 5)));
  ASSERT_EQ(hosts.size(), 2U);
  ASSERT_EQ(hosts[0].far_ends.size(), 1U);
  EXPECT_EQ(hosts[0].far_ends[0].how, joined_by::ports);
  EXPECT_EQ(hosts[0].far_ends[0].count, 5U);
}

TEST(joined_ends, a_port_or_two_are_chance) {
  for (const int same : {1, 2}) {
    const auto hosts = read_text(typed_on("web1", client_rows("192.0.2.1:8080", 40'000, same) +
                                                      client_rows("192.0.2.1:8080", 41'000, 3)) +
                                 typed_on("app1", server_rows("172.16.0.1", 40'000, same) +
                                                      server_rows("172.16.0.1", 50'000, 9)));
    ASSERT_EQ(hosts.size(), 2U);
    EXPECT_TRUE(hosts[0].far_ends.empty()) << same;
  }
}

TEST(joined_ends, counts_of_one_service_agree_in_their_number) {
  const auto text = [](const std::string& held) {
    return "root@web1:~# netstat -tan | grep :8080 | awk '{print $6}' | sort | uniq -c\n"
           "  412 FIN_WAIT2\n"
           "root@app1:~# netstat -tan | grep :8080 | awk '{print $6}' | sort | uniq -c\n  " +
           held + " CLOSE_WAIT\n";
  };
  const auto hosts = read_text(text("398"));
  ASSERT_EQ(hosts.size(), 2U);
  ASSERT_EQ(hosts[0].far_ends.size(), 1U);
  EXPECT_EQ(hosts[0].far_ends[0].how, joined_by::counts);
  EXPECT_EQ(hosts[0].far_ends[0].count, 398U);
  const auto others = read_text(text("300"));
  ASSERT_EQ(others.size(), 2U);
  EXPECT_TRUE(others[0].far_ends.empty());
}

TEST(joined_ends, loopback_is_of_one_host) {
  const auto rows =
      "ESTAB 0 0 127.0.0.1:80 127.0.0.1:40000\nESTAB 0 0 127.0.0.1:40000 127.0.0.1:80\n";
  const auto hosts = read_text(typed_on("a", rows) + typed_on("b", rows));
  ASSERT_EQ(hosts.size(), 2U);
  EXPECT_TRUE(hosts[0].far_ends.empty());
}

TEST(joined_ends, a_prompt_without_sockets_is_no_host) {
  const auto hosts = read_text("me@laptop:~$ ssh web1\n" +
                               typed_on("web1", client_rows("10.0.0.9:80", 40'000, 3)));
  ASSERT_EQ(hosts.size(), 1U);
  EXPECT_EQ(hosts[0].host.name, "");
}

TEST(joined_ends, files_are_hosts_and_those_of_one_host_are_one) {
  const auto client = client_rows("10.0.0.9:8080", 40'000, 5);
  const auto server = typed_on("app1", server_rows("10.0.0.5", 40'000, 5));
  const std::string limits = "root@app1:~# ulimit -n\n1024\n";
  const std::vector<named_text> texts{{.name = "client", .text = client},
                                      {.name = "x", .text = server},
                                      {.name = "y", .text = limits}};
  const auto hosts = read_hosts(texts);
  ASSERT_TRUE(hosts);
  ASSERT_EQ(hosts->size(), 2U);
  EXPECT_EQ((*hosts)[0].host.name, "client");
  EXPECT_EQ((*hosts)[1].host.name, "app1");
  EXPECT_EQ((*hosts)[0].far_ends.size(), 1U);
}

TEST(joined_ends, a_file_of_nothing_is_named) {
  const std::vector<named_text> texts{
      {.name = "a", .text = "ESTAB 0 0 10.0.0.1:80 10.0.0.2:4000\n"},
      {.name = "b", .text = "nothing\n"}};
  const auto hosts = read_hosts(texts);
  ASSERT_FALSE(hosts);
  EXPECT_EQ(hosts.error().what, "'b': no line of the text could be read");
}

}  // namespace
}  // namespace waitstate::paste
