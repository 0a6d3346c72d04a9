#include "app/cli/document.h"

#include <algorithm>
#include <array>
#include <ostream>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "waitstate/diagnosis/diagnose.h"
#include "waitstate/tcp/state.h"

namespace waitstate::cli {

namespace {

using testing::ElementsAre;

constexpr embedded_text sample{.name = "settings",
                               .text =
                                   "# Settings\n\nOpening.\n\n"
                                   "# Ports\n\n"
                                   "## net.ipv4.tcp_tw_reuse\n\nDoes.\n\n"
                                   "```\n## not a heading\n# nor this\n```\n\n"
                                   "## a.tcp_one, a.tcp_two\nBoth.\n"
                                   "# Others\n"
                                   "## MaxUserPort\nOld."};

TEST(sections_of, cuts_a_document_at_its_headings) {
  const auto sections = sections_of(sample);
  ASSERT_EQ(sections.size(), 3U);
  EXPECT_EQ(sections[0].document, "settings");
  EXPECT_EQ(sections[0].group, "Ports");
  EXPECT_THAT(sections[0].names, ElementsAre("net.ipv4.tcp_tw_reuse"));
  EXPECT_EQ(sections[0].text,
            "## net.ipv4.tcp_tw_reuse\n\nDoes.\n\n```\n## not a heading\n# nor this\n```");
  EXPECT_THAT(sections[1].names, ElementsAre("a.tcp_one", "a.tcp_two"));
  EXPECT_EQ(sections[1].text, "## a.tcp_one, a.tcp_two\nBoth.");
  EXPECT_EQ(sections[2].group, "Others");
  EXPECT_EQ(sections[2].text, "## MaxUserPort\nOld.");
}

TEST(sections_of, finds_none_in_a_text_without_headings) {
  EXPECT_TRUE(sections_of(embedded_text{.name = "x", .text = ""}).empty());
  EXPECT_TRUE(sections_of(embedded_text{.name = "x", .text = "words\n# One\nmore"}).empty());
}

struct topic_case {
  const char* topic;
  const char* name;
};

void PrintTo(const topic_case& c, std::ostream* out) {
  *out << c.topic;
}

class a_topic : public testing::TestWithParam<topic_case> {};

TEST_P(a_topic, is_found_however_it_is_spelled) {
  const auto sections = sections_of(documents());
  const auto* found = find_section(sections, GetParam().topic);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->names.front(), GetParam().name);
}

INSTANTIATE_TEST_SUITE_P(
    spellings, a_topic,
    testing::Values(topic_case{"TIME-WAIT", "TIME-WAIT"}, topic_case{"time_wait", "TIME-WAIT"},
                    topic_case{"TIMEWAIT", "TIME-WAIT"}, topic_case{" Time-Wait ", "TIME-WAIT"},
                    topic_case{"ESTAB", "ESTABLISHED"}, topic_case{"SYN_RECV", "SYN-RECEIVED"},
                    topic_case{"fin-wait2", "FIN-WAIT-2"}, topic_case{"LISTENING", "LISTEN"},
                    topic_case{"UNCONN", "CLOSED"}, topic_case{"Abhören", "LISTEN"},
                    topic_case{"tcp_tw_reuse", "net.ipv4.tcp_tw_reuse"},
                    topic_case{"tcp-tw-reuse", "net.ipv4.tcp_tw_reuse"},
                    topic_case{"net.ipv4.tcp_tw_reuse=1", "net.ipv4.tcp_tw_reuse"},
                    topic_case{"net/ipv4/tcp_tw_reuse", "net.ipv4.tcp_tw_reuse"},
                    topic_case{"/proc/sys/net/ipv4/tcp_tw_reuse", "net.ipv4.tcp_tw_reuse"},
                    topic_case{"tcp_keepalive_probes", "net.ipv4.tcp_keepalive_time"},
                    topic_case{"maxuserport", "MaxUserPort"}, topic_case{"so_linger", "SO_LINGER"},
                    topic_case{"file-max", "fs.file-max"},
                    topic_case{"leaked-connections", "leaked-connections"},
                    topic_case{"Leaked_Connections", "leaked-connections"}));

TEST(find_section, finds_nothing_for_what_is_no_topic) {
  const auto sections = sections_of(documents());
  for (const auto* topic : {"", " ", "=", "tcp", "net.ipv4.", "TIME-WAITING", "findings"}) {
    EXPECT_EQ(find_section(sections, topic), nullptr) << topic;
  }
}

TEST(nearest_topic, helps_with_a_mistyped_word) {
  const auto sections = sections_of(documents());
  EXPECT_EQ(nearest_topic(sections, "TIME-WAITT"), "TIME-WAIT");
  EXPECT_EQ(nearest_topic(sections, "net.ipv4.tcp_tw_resue"), "tcp_tw_reuse");
  EXPECT_EQ(nearest_topic(sections, "leaked-conections"), "leaked-connections");
  EXPECT_EQ(nearest_topic(sections, "quite something else"), "");
}

std::set<std::string> names_in(std::string_view document) {
  std::set<std::string> names;
  for (const auto& s : sections_of(documents())) {
    if (s.document == document) names.insert(s.names.begin(), s.names.end());
  }
  return names;
}

std::set<std::string> ids_of_findings() {
  std::set<std::string> ids;
  for (const auto id : diagnosis::finding_ids()) ids.emplace(id);
  return ids;
}

TEST(documents, have_one_section_for_every_finding_and_for_nothing_else) {
  EXPECT_EQ(names_in("findings"), ids_of_findings());
}

TEST(documents, have_a_section_for_every_state) {
  std::set<std::string> states;
  for (const auto state : tcp::all_states) states.emplace(tcp::to_string(state));
  EXPECT_EQ(names_in("states"), states);
}

TEST(documents, say_the_same_things_of_every_finding_in_the_same_order) {
  constexpr std::array parts{"**What it is.**", "**How it is told.**",
                             "**Severity.**",   "**What happens next.**",
                             "**What to do.**", "**What does not help.**"};
  for (const auto& s : sections_of(documents())) {
    if (s.document != "findings") continue;
    std::size_t at = 0;
    for (const auto* part : parts) {
      const auto found = s.text.find(part, at);
      EXPECT_NE(found, s.text.npos) << s.names.front() << " lacks " << part;
      if (found != s.text.npos) at = found;
    }
  }
}

TEST(documents, say_the_same_things_of_every_setting) {
  for (const auto& s : sections_of(documents())) {
    if (s.document != "settings") continue;
    for (const auto* part : {"**Does.**", "**Does not.**", "**Default.**", "**Scope.**",
                             "**When to change.**", "**Harm.**"}) {
      EXPECT_NE(s.text.find(part), s.text.npos) << s.names.front() << " lacks " << part;
    }
  }
}

TEST(documents, name_each_topic_once) {
  const auto sections = sections_of(documents());
  std::set<std::string_view> seen;
  for (const auto& s : sections) {
    EXPECT_FALSE(s.group.empty()) << s.names.front();
    for (const auto name : s.names) {
      EXPECT_TRUE(seen.insert(short_name(name)).second) << name;
      EXPECT_EQ(find_section(sections, name), &s) << name;
    }
  }
}

TEST(documents, know_a_runtime_by_the_name_that_reports_give_it) {
  const auto sections = sections_of(documents());
  for (const auto* name : {"Node.js", ".NET", "Erlang", "elixir", "Apache httpd", "HAProxy"}) {
    const auto* found = find_section(sections, name);
    ASSERT_NE(found, nullptr) << name;
    EXPECT_EQ(found->document, "runtimes") << name;
  }
}

TEST(documents, refer_only_to_findings_that_exist) {
  auto words = ids_of_findings();
  // Settings of other programs that look like an id.
  words.insert({"proxy-nokeepalive", "proxy-initial-not-pooled", "tcp-keepalive"});
  for (const auto& document : documents()) {
    // An id in code marks: lower case, with a hyphen and no blank, dot or underscore.
    for (std::size_t at = 0; (at = document.text.find('`', at)) != document.text.npos; ++at) {
      const auto word = document.text.substr(at + 1, document.text.find('`', at + 1) - at - 1);
      const auto is_id_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
      };
      const auto hyphen = word.find('-');
      const bool looks_like_an_id = hyphen != word.npos && hyphen > 0 && word.size() > 8 &&
                                    std::ranges::all_of(word, is_id_letter);
      if (looks_like_an_id) {
        EXPECT_TRUE(words.contains(std::string(word))) << document.name << ": " << word;
      }
    }
  }
}

}  // namespace
}  // namespace waitstate::cli
