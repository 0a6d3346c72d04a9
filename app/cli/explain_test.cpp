#include "app/cli/explain.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waitstate::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::array samples{
    embedded_text{.name = "states",
                  .text = "# Closing first\n## TIME-WAIT\n\n**Meaning.** Closed.\n"},
    embedded_text{.name = "settings",
                  .text = "# Linux\n## net.ipv4.tcp_tw_reuse\nA.\n## a.one, a.two\nB.\n"}};

TEST(topic_page, is_the_section_as_plain_text) {
  EXPECT_EQ(topic_page(sections_of(samples), "time_wait", {}), "TIME-WAIT\n\nMeaning. Closed.\n");
}

TEST(topic_page, names_the_closest_topic_when_there_is_none) {
  const auto page = topic_page(sections_of(samples), "tcp_tw_resue", {});
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, errc::not_found);
  EXPECT_EQ(page.error().what, "there is no topic 'tcp_tw_resue'");
  EXPECT_EQ(page.error().hint, "did you mean 'waitstate explain tcp_tw_reuse'?");
}

TEST(topic_page, says_how_to_list_them_when_none_is_close) {
  const auto page = topic_page(sections_of(samples), "weather", {});
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().hint, "'waitstate explain' lists them all");
}

TEST(topic_list, groups_short_names_as_the_documents_do) {
  EXPECT_EQ(topic_list(sections_of(samples), {.width = 100}),
            "waitstate explain TOPIC explains one of these; any common spelling will do.\n"
            "\n"
            "States: Closing first\n"
            "  TIME-WAIT\n"
            "\n"
            "Settings: Linux\n"
            "  tcp_tw_reuse, one, two\n");
}

TEST(topic_page, fits_a_narrow_terminal_but_for_what_is_pasted) {
  const auto sections = sections_of(documents());
  for (const auto& s : sections) {
    const auto page = topic_page(sections, s.names.front(), {.width = 60});
    ASSERT_TRUE(page.has_value()) << s.names.front();
    EXPECT_THAT(*page, StartsWith(std::string(s.names.front())));
    for (std::size_t at = 0, end = 0; at < page->size(); at = end + 1) {
      end = page->find('\n', at);
      const auto line = page->substr(at, end - at);
      const bool pasted = line.starts_with("    ") || at == 0;
      EXPECT_TRUE(pasted || line.size() <= 70) << line;
    }
  }
}

TEST(topic_list, has_every_topic_of_the_documents) {
  const auto sections = sections_of(documents());
  const auto list = topic_list(sections, {.width = 100});
  for (const auto& s : sections) {
    for (const auto name : s.names) EXPECT_THAT(list, HasSubstr(std::string(short_name(name))));
  }
}

}  // namespace
}  // namespace waitstate::cli
