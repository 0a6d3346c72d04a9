// Whole screens, held against the files in testing/frames.
#include <gtest/gtest.h>

#include "shown_frame.h"
#include "troubled_host.h"
#include "troubled_report.h"

namespace waitstate::view {
namespace {

using namespace std::chrono_literals;

constexpr moment start{};
constexpr frame_size small{.width = 40, .height = 10};
constexpr frame_size usual{.width = 80, .height = 24};
constexpr frame_size large{.width = 120, .height = 40};

struct shown : testing::Test {
  screen s{{.notes = {"It runs with CAP_SYS_PTRACE alone."},
            .explain = [](std::string_view id, std::size_t) {
              return std::string(id) + "\n\nis explained here.\n";
            }}};

  shown() { look(start); }

  void look(moment at, std::uint64_t more = 0) {
    auto seen = troubled_host(more);
    auto report = troubled_report(seen, more);
    s.take(std::move(seen), std::move(report), {.interval = 1s, .wanted = 1s, .took = 12ms}, at);
  }

  void press(const key& k, moment at = start) { EXPECT_EQ(s.press(k, at), request::nothing); }
  void type(std::string_view text) {
    for (const char c : text) press(letter(std::string(1, c)));
  }

  void hold(const std::string& name, const frame_size& size, moment at = start) {
    const auto drawn = s.draw(size, at);
    ASSERT_EQ(drawn.rows.size(), size.height);
    const auto now = bordered(drawn);
    EXPECT_EQ(now, kept_frame(name, now)) << "WAITSTATE_WRITE_FRAMES=1 writes it anew";
    for (const auto& row : drawn.rows) {
      std::size_t width = 0;
      for (const auto& c : row.cells) width += c.width;
      EXPECT_EQ(width, size.width);
    }
  }
  void hold_at_all_sizes(const std::string& name, moment at = start) {
    hold(name + "-40x10", small, at);
    hold(name + "-80x24", usual, at);
    hold(name + "-120x40", large, at);
  }
};

using frames = shown;

TEST_F(frames, show_what_is_wrong) {
  for (int i = 1; i <= 30; ++i) look(start + i * 1s, static_cast<std::uint64_t>(i));
  hold_at_all_sizes("findings", start + 30s);
}

TEST_F(frames, show_the_ports_that_are_left) {
  press(letter("2"));
  hold_at_all_sizes("ports");
}

TEST_F(frames, show_leaks) {
  press(letter("3"));
  hold_at_all_sizes("leaks");
}

TEST_F(frames, show_processes) {
  press(letter("4"));
  hold_at_all_sizes("processes");
}

TEST_F(frames, show_the_proof_of_a_finding) {
  press({.kind = key_kind::enter});
  hold_at_all_sizes("proof");
}

TEST_F(frames, show_what_to_do) {
  press(letter("r"));
  hold_at_all_sizes("remedies");
}

TEST_F(frames, show_the_page_about_a_finding) {
  press(letter("e"));
  hold("explanation-80x24", usual);
}

TEST_F(frames, show_the_sockets_of_a_row) {
  press(letter("3"));
  press({.kind = key_kind::enter});
  hold_at_all_sizes("sockets");
}

TEST_F(frames, show_the_keys) {
  press(letter("?"));
  hold_at_all_sizes("help");
}

TEST_F(frames, show_a_filter_while_it_is_typed) {
  press(letter("3"));
  press(letter("/"));
  type("process:java stat");
  hold_at_all_sizes("prompt");
}

TEST_F(frames, show_what_a_filter_selects) {
  press(letter("4"));
  press(letter("/"));
  type("process:java");
  press({.kind = key_kind::enter});
  hold_at_all_sizes("filtered");
}

TEST_F(frames, show_that_nothing_changes) {
  press(letter(" "));
  hold("paused-80x24", usual, start + 75s);
}

TEST_F(frames, are_ascii_alone_where_that_is_asked_for) {
  s = screen({.ascii = true});
  look(start);
  press(letter("2"));
  for (const auto& row : s.draw(large, start).rows) {
    for (const auto& c : row.cells) {
      for (const char byte : c.text) EXPECT_GE(byte, ' ');
    }
  }
  hold("ascii-120x40", large);
}

TEST_F(frames, say_before_the_first_look_that_they_wait_for_it) {
  s = screen({});
  hold("first-80x24", usual);
}

TEST_F(frames, show_a_healthy_host) {
  snapshot_builder b;
  b.set_source(source_kind::live, "sock_diag");
  b.host() = {.os = os_family::linux_kernel, .name = "web-2", .kernel_release = "6.18.44"};
  std::ignore = b.add_namespace({.inode = 1});
  auto seen = b.finish(a_monday);
  auto report = healthy_report(seen);
  s = screen({});
  s.take(std::move(seen), std::move(report), {.interval = 1s, .wanted = 1s, .took = 2ms}, start);
  hold_at_all_sizes("healthy");
}

}  // namespace
}  // namespace waitstate::view
