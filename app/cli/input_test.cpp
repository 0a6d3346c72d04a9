#include "app/cli/input.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

namespace waitstate::cli {
namespace {

/// A file of its own that goes away.
class temporary_file {
 public:
  explicit temporary_file(const std::string& content)
      : path_(testing::TempDir() + "waitstate_input_" + std::to_string(::getpid())) {
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~temporary_file() { std::filesystem::remove(path_); }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(input, reads_every_byte_of_a_file) {
  std::string content(3'000'000, 'x');
  content[0] = '\0';
  content.back() = '\xff';
  const temporary_file file(content);
  std::size_t seen = 0;
  const auto text = read_input(file.path(), [&](std::size_t bytes) { seen = bytes; });
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(*text, content);
  EXPECT_EQ(seen, content.size());
}

TEST(input, reads_an_empty_file) {
  const temporary_file file("");
  EXPECT_EQ(read_input(file.path()).value(), "");
}

TEST(input, refuses_what_is_too_large) {
  const temporary_file file(std::string(2000, 'x'));
  EXPECT_EQ(read_input(file.path(), {}, 2000).value().size(), 2000U);
  const auto text = read_input(file.path(), {}, 1024);
  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error().what, "'" + file.path() + "': more than 1 KiB");
  EXPECT_FALSE(text.error().hint.empty());
}

TEST(input, says_why_it_cannot_read) {
  const auto missing = read_input("/no/such/file");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().what, "'/no/such/file': No such file or directory");
  EXPECT_EQ(missing.error().code, errc::not_found);
  const auto folder = read_input(testing::TempDir());
  ASSERT_FALSE(folder.has_value());
  EXPECT_EQ(folder.error().what, "'" + testing::TempDir() + "': Is a directory");
}

}  // namespace
}  // namespace waitstate::cli
