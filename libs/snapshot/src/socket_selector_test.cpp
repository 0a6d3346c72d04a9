#include "waitstate/snapshot/socket_selector.h"

#include <gtest/gtest.h>

#include "waitstate/snapshot/snapshot_builder.h"

namespace waitstate {
namespace {

socket_selector selected(std::string_view text) {
  const auto read = parse_selector(text);
  EXPECT_TRUE(read) << text << ": " << (read ? "" : read.error().what);
  return read.value_or(socket_selector());
}

TEST(socket_selector, is_written_as_it_is_read) {
  struct {
    std::string_view typed;
    std::string_view written;
  } const cases[] = {
      {"", ""},
      {"  \n ", ""},
      {"state:close-wait process:nginx older:60s port:8080 peer:10.0.0.0/8 unread:none",
       "state:close-wait peer:10.0.0.0/8 port:8080 process:nginx older:1m unread:none"},
      {"state:TIME_WAIT state:ESTAB,CLOSE_WAIT", "state:established,time-wait,close-wait"},
      {"state:syn-recv", "state:syn-received"},
      {"state:bound,unknown", "state:unknown,bound"},
      {"direction:Outbound", "direction:outbound"},
      {"peer:[fe80::1]:80", "peer:[fe80::1]:80"},
      {"peer::443", "peer::443"},
      {"port:https local-port:1 peer-port:65535", "port:443 local-port:1 peer-port:65535"},
      {"process:812", "process:812"},
      {R"(process:"tmux: server")", R"(process:"tmux: server")"},
      {R"(process:"a\"b\\c")", R"(process:"a\"b\\c")"},
      {R"("process:a b")", R"(process:"a b")"},
      {"runtime:apache", R"(runtime:"apache httpd")"},
      {"container:4F0C2A7B", "container:4f0c2a7b"},
      {"cgroup:/system.slice ns:blue", "cgroup:/system.slice ns:blue"},
      {"older:0", "older:0s"},
      {"unread:some", "unread:some"},
  };
  for (const auto& c : cases) {
    const auto read = parse_selector(c.typed);
    ASSERT_TRUE(read) << c.typed;
    EXPECT_EQ(to_text(*read), c.written);
    EXPECT_TRUE(parse_selector(c.written).value() == *read) << c.typed;
  }
}

TEST(socket_selector, knows_every_runtime_by_its_name) {
  for (auto i = 0U; i <= static_cast<unsigned>(runtime::native); ++i) {
    const auto r = static_cast<runtime>(i);
    socket_selector s;
    ASSERT_TRUE(select(s, "runtime", to_string(r))) << to_string(r);
    EXPECT_EQ(s.runtime, r);
    EXPECT_TRUE(parse_selector(to_text(s)).value() == s) << to_text(s);
  }
  EXPECT_EQ(selected("runtime:nodejs").runtime, runtime::node);
  EXPECT_EQ(selected("runtime:dotnet").runtime, runtime::dotnet);
  EXPECT_EQ(selected("runtime:elixir").runtime, runtime::erlang);
}

TEST(socket_selector, says_what_is_wrong_with_a_word) {
  struct {
    std::string_view typed;
    std::string_view what;
    std::string_view hint;
  } const cases[] = {
      {"state:time_wiat", "state: there is no state 'time_wiat'", "did you mean TIME-WAIT?"},
      {"state:", "state: there is no state ''",
       "ESTABLISHED, TIME-WAIT, CLOSE-WAIT, FIN-WAIT-2, LISTEN, ..."},
      {"prot:80", "there is no 'prot:'", "did you mean port:80?"},
      {"colour:red", "there is no 'colour:'",
       "one of state:, direction:, peer:, port:, local-port:, peer-port:, process:, runtime:, "
       "container:, cgroup:, ns:, older:, unread:"},
      {"nginx", "'nginx' does not say what it is", "process:nginx?"},
      {"CLOSE_WAIT", "'CLOSE_WAIT' does not say what it is", "state:CLOSE_WAIT?"},
      {"8080", "'8080' does not say what it is", "port:8080?"},
      {"10.0.0.7:80", "'10.0.0.7:80' does not say what it is", "peer:10.0.0.7:80?"},
      {"10.0.0.0/8", "'10.0.0.0/8' does not say what it is", "peer:10.0.0.0/8?"},
      {"port:80 port:81", "port: '81' after '80'", "only states add up; the others are given once"},
      {"port:0", "port: '0' is not a port", "1 to 65535, or a name such as https"},
      {"peer:10.0.0.0/33", "peer: '10.0.0.0/33' is not a network",
       "behind the slash is a number from 0 to 32"},
      {"direction:up", "direction: there is no direction 'up'",
       "outbound (we connected), inbound or unknown"},
      {"process:", "process: '' is no name", "a name or a pid"},
      {"runtime:cobol", "runtime: there is no runtime 'cobol'",
       "java, python, node, go, php, nginx, ..."},
      {"container:web", "container: 'web' is not the id of a container",
       "4 to 64 hexadecimal digits, as 'docker ps' or 'crictl ps' shows them"},
      {"older:60", "older: '60' has no unit", "60s is 60 seconds"},
      {"unread:all", "unread: 'all' is not what can be unread",
       "none (nothing but perhaps the peer's FIN) or some"},
      {R"(process:"a b)", "'process:a b' has no closing quote", R"(process:"a b")"},
  };
  for (const auto& c : cases) {
    const auto read = parse_selector(c.typed);
    ASSERT_FALSE(read) << c.typed;
    EXPECT_EQ(read.error().what, c.what);
    EXPECT_EQ(read.error().hint, c.hint);
    EXPECT_EQ(read.error().code, errc::invalid_input);
  }
}

TEST(socket_selector, takes_a_value_from_the_shell_as_it_is) {
  socket_selector s;
  ASSERT_TRUE(select(s, R"(process:a "b" c)"));
  EXPECT_EQ(s.process, R"(a "b" c)");
  ASSERT_TRUE(select(s, "state", "LISTEN"));
  EXPECT_EQ(to_text(s), R"(state:listen process:"a \"b\" c")");
  EXPECT_EQ(select(s, "pear", "x").error().hint, "did you mean peer:x?");
}

TEST(socket_selector, gives_the_kernel_the_states_to_list) {
  EXPECT_EQ(selected("").states_to_list(), tcp::state_set::all());
  EXPECT_EQ(selected("port:80").states_to_list(), tcp::state_set::all());
  EXPECT_EQ(selected("state:close-wait").states_to_list(), tcp::state_set{tcp::state::close_wait});
}

TEST(socket_selector, says_which_namespaces_to_look_into) {
  EXPECT_EQ(selected("").namespaces_to_list(), "");
  EXPECT_EQ(selected("ns:blue").namespaces_to_list(), "blue");
  EXPECT_EQ(selected("ns:4026531840").namespaces_to_list(), "all");
}

const process owner{.pid = 812,
                    .name = "nginx",
                    .runtime = runtime::nginx,
                    .cgroup =
                        "/system.slice/docker-4f0c2a7be1d94c6f8a035b1e2d7c9f604f0c2a7be1d94c"
                        "6f8a035b1e2d7c9f60.scope/worker"};

/// A leaked CLOSE-WAIT: its FIN is unread, its last ACK came an hour ago.
socket_record leaked() {
  return {.flow = {.local = *tcp::parse_endpoint("10.0.0.1:40000"),
                   .remote = *tcp::parse_endpoint("10.0.0.9:5432")},
          .state = tcp::state::close_wait,
          .receive_queue = 1,
          .last_data_ms = 3'700'000,
          .last_ack_ms = 3'600'000};
}

/// A selection, and whether it means leaked().
struct {
  std::string_view words;
  bool is_meant;
} const of_leaked[] = {
    {"", true},
    {"state:close-wait", true},
    {"state:listen,close-wait", true},
    {"state:time-wait", false},
    {"direction:outbound", true},
    {"direction:inbound", false},
    {"peer:10.0.0.9", true},
    {"peer:10.0.0.0/8", true},
    {"peer:10.0.0.9:5433", false},
    {"port:5432", true},
    {"port:5433", false},
    {"peer-port:postgresql", true},
    {"peer-port:40000", false},
    {"local-port:5432", false},
    {"process:nginx", true},
    {"process:812", true},
    {"process:81", false},
    {"process:ngin", false},
    {"runtime:nginx", true},
    {"runtime:java", false},
    {"container:4f0c2a7b", true},
    {"container:0c2a7b", false},
    {"cgroup:/system.slice", true},
    {"cgroup:/system.slice/", true},
    {"cgroup:/", true},
    {"cgroup:/system", false},
    {"cgroup:worker", true},
    {"cgroup:slice", false},
    {"ns:blue", true},
    {"ns:4711", true},
    {"ns:red", false},
    {"older:1h", true},
    {"older:61m", false},
    {"unread:none", true},
    {"unread:some", false},
    {"state:close-wait process:nginx older:60s peer:10.0.0.0/8 ns:blue unread:none", true},
    {"state:close-wait process:nginx older:60s peer:11.0.0.0/8 ns:blue unread:none", false},
};

TEST(socket_selector, means_a_socket_by_all_that_is_known_of_it) {
  const network_namespace blue{.name = "blue", .inode = 4711};
  const socket_surroundings around{
      .owner = &owner, .direction = direction::outbound, .net_namespace = &blue};
  for (const auto& c : of_leaked) {
    EXPECT_EQ(matches(selected(c.words), leaked(), around), c.is_meant) << c.words;
  }
}

TEST(socket_selector, means_a_group_as_it_means_its_sockets) {
  snapshot_builder b;
  b.host().os = os_family::linux_kernel;
  b.add_namespace({.name = "blue",
                   .inode = 4711,
                   .sysctls = {{"net.ipv4.ip_local_port_range", "32768 60999"}}});
  auto s = leaked();
  s.owner = {.kind = ownership::owned, .process = b.add_process(owner)};
  b.add(s);
  const auto seen = b.finish({});
  ASSERT_EQ(seen.groups.size(), 1U);
  for (const auto& c : of_leaked) {
    EXPECT_EQ(matches(selected(c.words), seen.groups[0], seen), c.is_meant) << c.words;
  }
}

TEST(socket_selector, does_not_mean_what_is_not_known) {
  auto s = leaked();
  s.last_ack_ms = s.last_data_ms = std::nullopt;
  s.has_queues = false;
  for (const auto* words : {"process:nginx", "runtime:nginx", "container:4f0c", "cgroup:/",
                            "ns:blue", "older:0", "unread:none", "unread:some"}) {
    EXPECT_FALSE(matches(selected(words), s, {})) << words;
  }
  EXPECT_TRUE(matches(selected("direction:unknown"), s, {}));
}

TEST(socket_selector, knows_where_a_fin_counts_as_a_byte) {
  auto s = leaked();
  EXPECT_FALSE(matches(selected("unread:some"), s, {}));
  EXPECT_TRUE(matches(selected("unread:some"), s, {.system = os_family::macos}));
  s.receive_queue = 2;
  EXPECT_TRUE(matches(selected("unread:some"), s, {}));
  EXPECT_FALSE(matches(selected("unread:none"), s, {}));
  s.receive_queue = 1;
  s.state = tcp::state::established;
  EXPECT_TRUE(matches(selected("unread:some"), s, {}));
  s.receive_queue = 0;
  EXPECT_TRUE(matches(selected("unread:none"), s, {}));
}

TEST(socket_selector, means_listeners_by_what_they_have) {
  snapshot_builder b;
  b.add_namespace({.name = "blue"});
  const auto index = b.add_process(owner);
  b.add_listener({.local = *tcp::parse_endpoint("0.0.0.0:443"),
                  .owner = {.kind = ownership::owned, .process = index}});
  const auto seen = b.finish({});
  const auto meant = [&](std::string_view words) {
    return matches(selected(words), seen.listeners[0], seen);
  };
  for (const auto* words : {"", "state:listen", "port:443", "local-port:https", "process:nginx",
                            "direction:inbound", "ns:blue"}) {
    EXPECT_TRUE(meant(words)) << words;
  }
  for (const auto* words : {"state:close-wait", "peer-port:443", "peer:10.0.0.0/8", "older:0",
                            "unread:none", "process:apache"}) {
    EXPECT_FALSE(meant(words)) << words;
  }
}

TEST(socket_selector, means_a_peer_by_the_name_that_a_paste_shows) {
  snapshot_builder b;
  b.add_namespace({});
  const auto db = b.name("db.internal");
  b.add({.flow = {.local = *tcp::parse_endpoint("10.0.0.1:40001"),
                  .remote = {.address = db, .port = 3306}},
         .state = tcp::state::close_wait});
  const auto seen = b.finish({});
  EXPECT_TRUE(matches(selected("peer:db.internal"), seen.groups[0], seen));
  EXPECT_TRUE(matches(selected("peer:db.internal:3306"), seen.groups[0], seen));
  EXPECT_FALSE(matches(selected("peer:db"), seen.groups[0], seen));
}

}  // namespace
}  // namespace waitstate
