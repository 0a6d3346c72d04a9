#include "waitstate/config/trusted_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace waitstate::config {
namespace {

class trusted_file : public testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(path_) << "every = \"10s\"\n";
    ::chmod(path_.c_str(), 0600);
  }
  void TearDown() override { std::filesystem::remove(path_); }

  const std::string path_ = testing::TempDir() + "waitstate-trusted-file";
};

TEST_F(trusted_file, is_read_up_to_its_bound) {
  EXPECT_EQ(read_trusted_file(path_, 100).value(), "every = \"10s\"\n");
  EXPECT_EQ(read_trusted_file(path_, 4).value(), "every") << "one more, so that it shows";
}

TEST_F(trusted_file, is_none_that_others_may_write_to) {
  for (const mode_t mode : {0620U, 0602U}) {
    ::chmod(path_.c_str(), mode);
    const auto read = read_trusted_file(path_, 100);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, errc::permission);
    EXPECT_NE(read.error().hint.find("chmod go-w"), std::string::npos);
  }
}

TEST(trusted_file_errors, say_which_file_and_why) {
  const auto read = read_trusted_file("/nowhere/at/all", 100);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().what, "'/nowhere/at/all': No such file or directory");
}

}  // namespace
}  // namespace waitstate::config
