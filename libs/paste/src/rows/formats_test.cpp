#include "rows/formats.h"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "example_row.h"
#include "row_text.h"
#include "rows/readers.h"
#include "waitstate/tcp/endpoint.h"

namespace waitstate::paste {
namespace {

TEST(formats, have_names_of_their_own) {
  std::set<std::string_view> names;
  for (const auto& f : formats()) EXPECT_TRUE(names.insert(f.name).second) << f.name;
  for (const auto& f : formats()) {
    EXPECT_EQ(&format_named(f.name), &f);
    EXPECT_EQ(&formats()[index_of(f)], &f);
  }
}

TEST(formats, say_what_they_read_and_what_to_paste) {
  const auto hints = hints_of_formats();
  for (const auto& f : formats()) {
    EXPECT_FALSE(f.tool.empty()) << f.name;
    EXPECT_FALSE(f.hint.empty()) << f.name;
    EXPECT_THAT(hints, testing::HasSubstr(std::string(f.hint)));
    ASSERT_NE(f.read, nullptr) << f.name;
    ASSERT_NE(f.header, nullptr) << f.name;
  }
  EXPECT_EQ(hints, "ss, netstat, lsof -i, TCPView, /proc/net/tcp, sockstat -46 -s -P tcp");
}

TEST(formats, leave_each_row_to_the_one_of_its_tool) {
  for (const auto& owner : formats()) {
    for (const auto& f : formats()) {
      const auto r = f.read(owner.example);
      ASSERT_EQ(r.has_value(), &f == &owner) << f.name << " and " << owner.example;
      if (!r) continue;
      EXPECT_EQ(r->state, tcp::state::close_wait);
      EXPECT_EQ(tcp::to_string(tcp::endpoint{r->local.address, r->local.port}), "10.0.0.7:80");
      EXPECT_EQ(tcp::to_string(tcp::endpoint{r->remote.address, r->remote.port}), "10.0.0.8:55123");
    }
    EXPECT_FALSE(read_lsof_other(owner.example)) << owner.example;
    EXPECT_EQ(header_of(owner.example), table_header::none) << owner.example;
  }
}

TEST(formats, leave_each_heading_to_the_one_of_its_tool) {
  for (const auto& owner : formats()) {
    for (const auto& f : formats()) {
      const auto found = f.header(owner.heading);
      EXPECT_EQ(found, &f == &owner ? table_header::with_state : table_header::none)
          << f.name << " and " << owner.heading;
      EXPECT_FALSE(f.read(owner.heading)) << f.name << " and " << owner.heading;
    }
    EXPECT_EQ(header_of(owner.heading), table_header::with_state) << owner.heading;
  }
}

TEST(formats, know_headings_of_other_versions_and_languages) {
  const struct {
    std::string_view line;
    std::string_view format;
  } cases[] = {
      {"State      Recv-Q Send-Q   Local Address:Port     Peer Address:Port Process", "ss"},
      {"Proto Recv-Q Send-Q Local Address           Foreign Address         State       "
       "PID/Program name",
       "netstat of Linux"},
      {"> Proto Recv-Q Send-Q Local Address           Foreign Address         State",
       "netstat of Linux"},
      {"Proto Recv-Q Send-Q Adresse locale          Adresse distante        Etat",
       "netstat of Linux"},
      {"Proto Listen         Local Address", "netstat of BSD"},
      {"Listen         Local Address", "netstat of BSD"},
      {"  Proto  Lokale Adresse         Remoteadresse          Status", "netstat of Windows"},
      {"  Proto  Adresse locale         Adresse distante       État", "netstat of Windows"},
      {"LocalAddress LocalPort RemoteAddress RemotePort State AppliedSetting",
       "netstat of Windows"},
      {"  sl  local_address                         remote_address                        st "
       "tx_queue",
       "/proc/net/tcp"},
  };
  for (const auto& [line, name] : cases) {
    for (const auto& f : formats()) {
      EXPECT_EQ(f.header(line) != table_header::none, f.name == name) << f.name << ": " << line;
    }
    EXPECT_EQ(header_of(line), table_header::with_state) << line;
  }
  for (const std::string_view line :
       {"", "Active Internet connections (servers and established)",
        "The proto of a socket is in a header", "We listen on the Local Address",
        "tcp 0 0 10.0.0.7:80 10.0.0.8:9 TIME_WAIT"}) {
    EXPECT_EQ(header_of(line), table_header::none) << line;
  }
}

TEST(formats, that_may_leave_the_state_out_read_such_rows) {
  EXPECT_EQ(header_of("Recv-Q Send-Q Local Address:Port Peer Address:PortProcess"),
            table_header::without_state);
  EXPECT_NE(format_named("ss").read_without_state, nullptr);
}

TEST(example_row, is_read_with_any_ends) {
  for (const auto& f : formats()) {
    const auto hex = has_hex_ends(f);
    const row_ends ends{.local_host = hex ? "0100007F" : "127.0.0.1",
                        .local_port = 8080,
                        .remote_host = hex ? "0200007F" : "127.0.0.2",
                        .remote_port = 7};
    const auto text = example_with(f, ends);
    const auto r = f.read(text);
    ASSERT_TRUE(r) << text;
    EXPECT_EQ(r->local.host, ends.local_host);
    EXPECT_EQ(r->local.port, 8080);
    EXPECT_EQ(r->remote.host, ends.remote_host);
    EXPECT_EQ(r->remote.port, 7);
  }
}

}  // namespace
}  // namespace waitstate::paste
