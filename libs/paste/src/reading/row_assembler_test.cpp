#include "reading/row_assembler.h"

#include <initializer_list>
#include <string>

#include <gtest/gtest.h>

#include "waitstate/tcp/endpoint.h"

namespace waitstate::paste {
namespace {

/// Takes lines as reading does; each is gone before the next one comes.
struct assembly {
  snapshot_builder builder;
  process_table processes{builder};
  row_store rows;
  source_list sources;
  row_assembler assembler{builder, processes, rows, sources};

  explicit assembly(std::initializer_list<std::string_view> lines, const command& typed = {}) {
    builder.add_namespace({});
    for (const auto text : lines) {
      std::string line(text);
      if (!assembler.take_continuation(line)) {
        assembler.flush();
        if (!assembler.take_row(line) && !assembler.take_heading(line)) {
          assembler.take_row_without_state(line, typed);
        }
      }
      line.assign(line.size(), '#');
    }
    assembler.flush();
  }
  [[nodiscard]] socket_record record(std::size_t i) const { return rows.rows()[i].record; }
  [[nodiscard]] std::string ends(std::size_t i) const {
    const auto& flow = record(i).flow;
    return tcp::to_string(flow.local) + " " + tcp::to_string(flow.remote);
  }
  [[nodiscard]] std::string owner(std::size_t i) {
    const auto& o = record(i).owner;
    return o.kind == ownership::owned ? builder.process_at(o.process).name : "";
  }
};

TEST(row_assembler, puts_together_what_ss_wrapped) {
  assembly made({"ESTAB      0      0          [2001:db8::7]:443",
                 "    [2001:db8::8]:51234   users:((\"a-program-with-a-name-that-is-long\",pid=12,"
                 "fd=3))",
                 "\t cubic rto:204 lastrcv:4050 lastack:40 pacing_rate 1bps",
                 "ESTAB 0 0 10.0.0.7:80 10.0.0.8:9"});
  ASSERT_EQ(made.rows.rows().size(), 2U);
  EXPECT_EQ(made.ends(0), "[2001:db8::7]:443 [2001:db8::8]:51234");
  EXPECT_EQ(made.owner(0), "a-program-with-a-name-that-is-long");
  EXPECT_EQ(made.record(0).last_data_ms, 4050U);
  EXPECT_EQ(made.ends(1), "10.0.0.7:80 10.0.0.8:9");
  EXPECT_EQ(made.sources.text(), "ss");
}

TEST(row_assembler, finds_the_program_below_a_row_of_windows) {
  assembly made({"  TCP    10.0.0.7:80   10.0.0.8:55123   CLOSE_WAIT", " [nginx.exe]",
                 "  TCP    10.0.0.7:80   10.0.0.8:55124   CLOSE_WAIT", "[it] is slow"});
  EXPECT_EQ(made.owner(0), "nginx.exe");
  EXPECT_EQ(made.owner(1), "");
}

TEST(row_assembler, takes_three_lines_below_a_row_and_no_more) {
  const std::string_view more = "\t cubic lastrcv:7 lastack:40 x";
  assembly made(
      {"ESTAB 0 0 10.0.0.7:80 10.0.0.8:9", more, more, more, "\t cubic lastrcv:8 lastack:40 x"});
  EXPECT_EQ(made.record(0).last_data_ms, 7U);
}

TEST(row_assembler, knows_the_state_from_a_heading_or_a_command) {
  const std::string_view line = "1 0 10.0.0.7:80 10.0.0.8:55123";
  EXPECT_TRUE(assembly({line}).rows.rows().empty());

  const assembly headed({"Recv-Q Send-Q Local Address:Port Peer Address:Port", line});
  ASSERT_EQ(headed.rows.rows().size(), 1U);
  EXPECT_EQ(headed.record(0).state, tcp::state::unknown);

  command typed;
  typed.what = command::tool::sockets;
  typed.state = tcp::state::close_wait;
  const assembly asked({line}, typed);
  ASSERT_EQ(asked.rows.rows().size(), 1U);
  EXPECT_EQ(asked.record(0).state, tcp::state::close_wait);
}

TEST(row_assembler, forgets_a_heading_at_the_next_command) {
  assembly made({"Recv-Q Send-Q Local Address:Port Peer Address:Port"});
  made.assembler.begin_block();
  EXPECT_FALSE(made.assembler.take_row_without_state("1 0 10.0.0.7:80 10.0.0.8:55123", {}));
}

TEST(row_assembler, counts_the_descriptors_that_lsof_lists) {
  assembly made({"java 7 www 12u IPv4 9 0t0 TCP 10.0.0.7:80->10.0.0.8:55123 (CLOSE_WAIT)",
                 "java 7 www 13u IPv4 9 0t0 TCP 10.0.0.7:80->10.0.0.8:55123 (CLOSE_WAIT)"});
  EXPECT_EQ(made.rows.rows().size(), 1U);
  made.processes.finish();
  EXPECT_EQ(made.builder.process_at(0).fds->sockets, 1U);
}

}  // namespace
}  // namespace waitstate::paste
