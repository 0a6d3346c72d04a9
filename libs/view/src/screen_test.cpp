#include "waitstate/view/screen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "shown_frame.h"
#include "troubled_host.h"
#include "troubled_report.h"
#include "waitstate/diagnosis/diagnose.h"

namespace waitstate::view {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

constexpr moment start = moment{} + 1h;

void look(screen& s, moment at, std::uint64_t more = 0) {
  auto seen = troubled_host(more);
  auto report = troubled_report(seen, more);
  s.take(std::move(seen), std::move(report), {.interval = 1s, .wanted = 1s, .took = 3ms}, at);
}

std::string text_of(screen& s, moment at, const frame_size& size = {.width = 100, .height = 30}) {
  return to_text(s.draw(size, at));
}

struct watched : testing::Test {
  screen s{{.net_namespace = "blue"}};
  watched() { look(s, start); }
  request press(const key& k, moment at = start) { return s.press(k, at); }
  void type(std::string_view text) {
    for (const char c : text) std::ignore = press(letter(std::string(1, c)));
  }
};

using keys = watched;

TEST_F(keys, quit_and_do_not_quit_a_page) {
  EXPECT_EQ(press(letter("?")), request::nothing);
  EXPECT_EQ(press(letter("q")), request::nothing);
  EXPECT_EQ(press(letter("q")), request::quit);
}

TEST_F(keys, are_letters_while_a_filter_is_typed) {
  std::ignore = press(letter("/"));
  EXPECT_EQ(press(letter("q")), request::nothing);
  EXPECT_THAT(text_of(s, start), HasSubstr("/q"));
  EXPECT_EQ(press({.kind = key_kind::escape}), request::nothing);
  EXPECT_EQ(press(letter("q")), request::quit);
}

TEST_F(keys, filter_at_once_and_escape_drops_the_filter) {
  std::ignore = press(letter("3"));
  std::ignore = press(letter("/"));
  type("state:fin-wait-2");
  EXPECT_THAT(text_of(s, start), Not(HasSubstr("java (2204)")));
  std::ignore = press({.kind = key_kind::enter});
  EXPECT_THAT(text_of(s, start), HasSubstr("only state:fin-wait-2"));
  std::ignore = press({.kind = key_kind::escape});
  EXPECT_THAT(text_of(s, start), HasSubstr("java (2204)"));
}

TEST_F(keys, keep_a_prompt_open_whose_word_is_wrong) {
  std::ignore = press(letter("/"));
  type("state:nowhere");
  std::ignore = press({.kind = key_kind::enter});
  EXPECT_THAT(text_of(s, start), HasSubstr("/state:nowhere"));
}

TEST_F(keys, show_a_row_as_a_command) {
  std::ignore = press(letter("3"));
  std::ignore = press(letter("y"));
  EXPECT_THAT(text_of(s, start),
              HasSubstr("waitstate sockets --netns blue state:close-wait direction:outbound "
                        "peer:10.0.0.9:5432 process:2204"));
  EXPECT_THAT(text_of(s, start + 1min), Not(HasSubstr("waitstate sockets")));
}

TEST_F(keys, open_what_the_row_of_another_pane_is_about) {
  std::ignore = press(letter("2"));
  std::ignore = press(letter("r"));
  EXPECT_THAT(text_of(s, start), HasSubstr("ports left to 10.0.0.7:8080"));
  std::ignore = press({.kind = key_kind::escape});
  std::ignore = press({.kind = key_kind::end});
  std::ignore = press(letter("r"));
  EXPECT_THAT(text_of(s, start), HasSubstr("no finding is about this row"));
}

TEST_F(keys, pause_and_go_on) {
  EXPECT_EQ(press(letter(" ")), request::nothing);
  EXPECT_TRUE(s.is_paused());
  look(s, start + 5s, 500);
  EXPECT_THAT(text_of(s, start + 5s), HasSubstr("PAUSED 5 s"));
  EXPECT_THAT(text_of(s, start + 5s), Not(HasSubstr("1,412 of")));
  EXPECT_EQ(press(letter(" ")), request::look);
  look(s, start + 6s, 500);
  EXPECT_THAT(text_of(s, start + 6s), Not(HasSubstr("PAUSED")));
}

TEST_F(keys, scroll_a_page_no_further_than_it_goes) {
  std::ignore = press(letter("r"));
  const frame_size size{.width = 80, .height = 12};
  const auto top = text_of(s, start, size);
  std::ignore = press({.kind = key_kind::end});
  const auto end = text_of(s, start, size);
  EXPECT_NE(top, end);
  std::ignore = press({.kind = key_kind::page_down});
  EXPECT_EQ(text_of(s, start, size), end);
  std::ignore = press({.kind = key_kind::home});
  EXPECT_EQ(text_of(s, start, size), top);
  std::ignore = press({.kind = key_kind::right});
  EXPECT_NE(text_of(s, start, size), top);
  std::ignore = press({.kind = key_kind::left});
  EXPECT_EQ(text_of(s, start, size), top);
}

TEST_F(keys, go_to_the_end_of_a_page_that_was_not_drawn_yet) {
  std::ignore = press(letter("?"));
  std::ignore = press(letter("G"));
  const frame_size size{.width = 80, .height = 12};
  const auto at_once = text_of(s, start, size);
  std::ignore = press(letter("G"));
  EXPECT_EQ(text_of(s, start, size), at_once);
  std::ignore = press(letter("g"));
  EXPECT_NE(text_of(s, start, size), at_once);
}

TEST_F(watched, says_that_what_a_page_is_about_is_over) {
  std::ignore = press({.kind = key_kind::enter});
  snapshot_builder b;
  b.set_source(source_kind::live, "sock_diag");
  std::ignore = b.add_namespace({.inode = 1});
  auto healthy = b.finish(a_monday);
  auto report = healthy_report(healthy);
  s.take(std::move(healthy), std::move(report), {}, start + 1s);
  const auto text = text_of(s, start + 1s);
  EXPECT_THAT(text, HasSubstr("This is over"));
  EXPECT_THAT(text, HasSubstr("java (pid 2204)"));
}

TEST_F(watched, says_how_old_it_is_when_no_look_comes) {
  EXPECT_THAT(text_of(s, start + 1s), HasSubstr("every 1 s, a look takes 3 ms"));
  EXPECT_THAT(text_of(s, start + 42s), HasSubstr("seen 42 s ago"));
}

TEST(screen, begins_with_the_filter_of_the_command_line) {
  screen s({.filter = *parse_selector("process:java")});
  look(s, start);
  EXPECT_THAT(text_of(s, start), HasSubstr("only process:java"));
}

TEST(screen, shows_nothing_of_a_name_but_its_characters) {
  snapshot_builder b;
  b.set_source(source_kind::live, "sock_diag");
  b.host() = {.os = os_family::linux_kernel, .name = "a\x1b[2Jb"};
  std::ignore = b.add_namespace({.inode = 1});
  const auto evil = b.add_process({.pid = 7, .name = "\x1b]0;x\x07\xff"});
  b.add({.flow = {.local = ep("10.0.0.1:40003"), .remote = ep("10.0.0.2:80")},
         .state = tcp::state::close_wait,
         .owner = {.kind = ownership::owned, .process = evil},
         .receive_queue = 1,
         .last_data_ms = 7'200'000,
         .last_ack_ms = 3'700'000,
         .count = 900});
  auto seen = b.finish(a_monday);
  auto report = diagnosis::diagnose(seen);
  screen s({});
  s.take(std::move(seen), std::move(report), {}, start);
  for (const char* const pressed : {"1", "2", "3", "4", "r", "e", "?"}) {
    std::ignore = s.press(letter(pressed), start);
    const auto text = text_of(s, start);
    EXPECT_THAT(text, Not(HasSubstr("\x1b"))) << pressed;
    EXPECT_THAT(text, Not(HasSubstr("\xff"))) << pressed;
  }
}

/// Whatever is pressed, at whatever size, a frame is as large as its terminal.
TEST(screen, fills_its_terminal_whatever_is_pressed) {
  std::mt19937 random(1);
  const auto any = [&](std::size_t most) {
    return std::uniform_int_distribution<std::size_t>(0, most)(random);
  };
  const std::string letters = "1234jkgGersSy? /qh:x";
  screen s({});
  auto now = start;
  for (int i = 0; i < 400; ++i) {
    now += std::chrono::milliseconds(any(900));
    if (i % 40 == 10) look(s, now, any(30));
    const auto kind = static_cast<key_kind>(any(14));
    std::ignore =
        s.press(kind == key_kind::text ? letter(letters.substr(any(letters.size() - 1), 1))
                                       : key{.kind = kind},
                now);
    const frame_size size{.width = 1 + any(150), .height = 1 + any(50)};
    const auto f = s.draw(size, now);
    ASSERT_EQ(f.rows.size(), size.height);
    for (const auto& row : f.rows) {
      std::size_t width = 0;
      for (const auto& c : row.cells) width += c.width;
      ASSERT_EQ(width, size.width) << bordered(f);
    }
  }
}

}  // namespace
}  // namespace waitstate::view
