#include "waitstate/client/core/file_source.h"

#include <stdlib.h>
#include <chrono>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "test_io.h"

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class file_source_test : public testing::Test {
 protected:
  void SetUp() override {
    auto name = (fs::temp_directory_path() / "waitstate-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    if (source_) source_->stop();
    io_.stop();
    fs::remove_all(folder_);
  }

  void write(const char* name, std::string_view text) { std::ofstream(folder_ / name) << text; }

  void watch(const fs::path& path) {
    source_ = file_source(io_.executor(), path.string()).value();
    io_.spawn(source_->run());
  }

  bool has(std::size_t count, source_state state) {
    return soon([&] {
      const auto set = source_->current();
      return set.endpoints.size() == count && set.state == state;
    });
  }

  test_io io_;
  fs::path folder_;
  std::shared_ptr<endpoint_source> source_;
};

TEST_F(file_source_test, reads_the_file_again_when_it_is_written_or_replaced) {
  write("servers", "a:1\n");
  watch(folder_ / "servers");
  EXPECT_TRUE(has(1, source_state::ok));
  write("servers", "a:1\nb:1\n");
  EXPECT_TRUE(has(2, source_state::ok));
  write("new", "a:1\nb:1\nc:1 3\n");
  fs::rename(folder_ / "new", folder_ / "servers");
  EXPECT_TRUE(has(3, source_state::ok));
}

TEST_F(file_source_test, follows_a_link_that_is_moved) {
  write("one", "a:1\n");
  write("two", "a:1\nb:1\n");
  fs::create_symlink("one", folder_ / "servers");
  watch(folder_ / "servers");
  EXPECT_TRUE(has(1, source_state::ok));
  fs::create_symlink("two", folder_ / "next");
  fs::rename(folder_ / "next", folder_ / "servers");
  EXPECT_TRUE(has(2, source_state::ok));
}

TEST_F(file_source_test, keeps_the_last_good_list_when_the_file_is_wrong_or_gone) {
  write("servers", "a:1\nb:1\n");
  watch(folder_ / "servers");
  EXPECT_TRUE(has(2, source_state::ok));
  write("servers", "a:1\nnonsense\n");
  EXPECT_TRUE(has(2, source_state::stale));
  EXPECT_EQ(
      source_->current().why->what,
      (folder_ / "servers").string() + ": endpoint list: line 2: endpoint 'nonsense': no port");
  fs::remove(folder_ / "servers");
  EXPECT_TRUE(
      soon([&] { return source_->current().why->what.find("No such file") != std::string::npos; }));
  EXPECT_EQ(source_->current().endpoints.size(), 2U);
  write("servers", "c:1\n");
  EXPECT_TRUE(has(1, source_state::ok));
}

TEST_F(file_source_test, a_file_that_comes_later_is_found_and_a_folder_has_to_be_there) {
  watch(folder_ / "servers");
  EXPECT_EQ(source_->current().state, source_state::pending);
  write("servers", "a:1\n");
  EXPECT_TRUE(has(1, source_state::ok));
  const auto nowhere = file_source(io_.executor(), (folder_ / "none" / "servers").string());
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().what.find("No such file"), std::string::npos);
}

TEST_F(file_source_test, finds_the_folder_again_that_went_away) {
  const auto folder = folder_ / "list";
  fs::create_directory(folder);
  write("list/servers", "a:1\n");
  watch(folder / "servers");
  EXPECT_TRUE(has(1, source_state::ok));
  fs::remove_all(folder);
  EXPECT_TRUE(has(1, source_state::stale));
  fs::create_directory(folder);
  write("list/servers", "a:1\nb:1\n");
  EXPECT_TRUE(has(2, source_state::ok));

  fs::create_directory(folder_ / "next");
  write("next/servers", "a:1\nb:1\nc:1\n");
  fs::rename(folder, folder_ / "last");
  fs::rename(folder_ / "next", folder);
  EXPECT_TRUE(has(3, source_state::ok));
  write("list/servers", "d:1\n");
  EXPECT_TRUE(has(1, source_state::ok));
}

TEST_F(file_source_test, a_file_without_end_is_refused) {
  write("servers", std::string(2 << 20, '#'));
  watch(folder_ / "servers");
  EXPECT_NE(source_->current().why->what.find("over 1 MiB"), std::string::npos);
}

}  // namespace
}  // namespace waitstate::client
