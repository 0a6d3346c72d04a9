#include "front/log_file.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

std::string text_of(const std::string& path) {
  std::ostringstream all;
  all << std::ifstream(path).rdbuf();
  return all.str();
}

TEST(log_file, appends_lines_when_it_is_flushed) {
  const auto path = testing::TempDir() + "waitstate-access.log";
  std::filesystem::remove(path);
  auto log = log_file::open(path).value();
  log.add("one");
  EXPECT_EQ(text_of(path), "");
  log.flush();
  log.add("two");
  log.flush();
  EXPECT_EQ(text_of(path), "one\ntwo\n");
  std::filesystem::remove(path);
}

TEST(log_file, keeps_what_cannot_be_written_up_to_its_bound) {
  auto log = log_file::open("/dev/full").value();
  const std::string line(1'000, 'x');
  for (int i = 0; i < 2'000; ++i) log.add(line);
  EXPECT_GT(log.lost(), 900U);
  EXPECT_LT(log.lost(), 1'000U);
}

TEST(log_file, goes_nowhere_unless_told) {
  auto log = log_file::open("").value();
  EXPECT_FALSE(log);
  log.add("x");
  log.flush();
  EXPECT_FALSE(log_file::open("/nowhere/x.log"));
}

}  // namespace
}  // namespace waitstate::sidecar
