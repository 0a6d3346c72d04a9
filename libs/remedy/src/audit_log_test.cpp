#include "waitstate/remedy/audit_log.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "waitstate/netlab/server_process.h"

namespace waitstate::remedy {
namespace {

audit_entry entry(std::string peer) {
  return {.at = std::chrono::system_clock::time_point(std::chrono::milliseconds(1'500)),
          .verb = "reap",
          .outcome = "closed",
          .facts = {{"peer", std::move(peer)}}};
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(audit_log, a_line_is_one_json_object) {
  EXPECT_EQ(to_json_line(entry("10.0.0.7:80"), 0, "ada"),
            R"({"time":"1970-01-01T00:00:01.500Z","verb":"reap","outcome":"closed","uid":0,)"
            R"("login":"ada","peer":"10.0.0.7:80"})"
            "\n");
}

TEST(audit_log, no_text_breaks_out_of_its_line) {
  const auto line = to_json_line(entry("x\"\n{\"a\":\xff\x1b[31m"), 1'000, "");
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(line.find('\x1b'), line.npos);
  EXPECT_EQ(nlohmann::json::parse(line).at("uid"), 1'000);
}

TEST(audit_log, appends_to_a_file_for_its_owner_alone_and_makes_its_folder) {
  const netlab::temporary_folder in;
  const auto path = in.path() / "new" / "audit.jsonl";
  for (int i = 0; i < 2; ++i) {
    auto log = audit_log::open(path);
    ASSERT_TRUE(log) << log.error().what;
    EXPECT_TRUE(log->record(entry("10.0.0.7:80")));
  }
  const auto text = text_of(path);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  struct stat about{};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
}

TEST(audit_log, follows_no_link_and_says_what_is_wrong) {
  const netlab::temporary_folder in;
  std::filesystem::create_symlink(in.path() / "elsewhere", in.path() / "audit.jsonl");
  const auto linked = audit_log::open(in.path() / "audit.jsonl");
  ASSERT_FALSE(linked);
  EXPECT_NE(linked.error().what.find("audit.jsonl"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(in.path() / "elsewhere"));
  const auto nowhere = audit_log::open(in.path() / "a" / "b" / "audit.jsonl");
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().hint.find("--audit"), std::string::npos);
}

TEST(audit_log, a_full_disk_is_an_error) {
  auto log = audit_log::open("/dev/full");
  ASSERT_TRUE(log);
  EXPECT_FALSE(log->record(entry("10.0.0.7:80")));
}

}  // namespace
}  // namespace waitstate::remedy
