#include "waitstate/remedy/guard/state_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "waitstate/netlab/server_process.h"

namespace waitstate::remedy::guard {
namespace {

using testing::HasSubstr;

memory known() {
  return {.boot_id = "b", .rules = {{.rule = "leak", .is_stopped = true}}};
}

TEST(state_file, keeps_a_memory_for_its_owner_alone) {
  const netlab::temporary_folder in;
  const auto path = in.path() / "new" / "guard.json";
  {
    const auto file = state_file::open(path);
    ASSERT_TRUE(file) << file.error().what;
    EXPECT_EQ(file->load(), memory{});
    ASSERT_TRUE(file->save(known()));
    EXPECT_EQ(file->load(), known());
  }
  EXPECT_EQ(state_file::open(path).value().load(), known());
  struct stat about{};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  EXPECT_FALSE(std::filesystem::exists(path.string() + ".new"));
}

TEST(state_file, is_of_one_guard_at_a_time) {
  const netlab::temporary_folder in;
  const auto path = in.path() / "guard.json";
  const auto first = state_file::open(path);
  ASSERT_TRUE(first);
  const auto second = state_file::open(path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, errc::unavailable);
  EXPECT_THAT(second.error().hint, HasSubstr("--state"));
}

TEST(state_file, what_is_none_is_said_and_left_as_it_is) {
  const netlab::temporary_folder in;
  const auto path = in.write("guard.json", "{\"schema\": 1,");
  const auto file = state_file::open(path);
  ASSERT_TRUE(file);
  const auto read = file->load();
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().what, HasSubstr("guard.json"));
  EXPECT_THAT(read.error().hint, HasSubstr("mv "));
  EXPECT_EQ(std::filesystem::file_size(path), 13U);
}

TEST(state_file, that_is_longer_than_a_guard_keeps_is_not_read_to_its_end) {
  const netlab::temporary_folder in;
  const auto path = in.write("guard.json", "{}");
  std::filesystem::resize_file(path, std::uintmax_t{1} << 40U);
  const auto read = state_file::open(path).value().load();
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().what, HasSubstr("longer than 4 MiB"));
}

TEST(state_file, follows_no_link) {
  const netlab::temporary_folder in;
  const auto victim = in.write("victim", "precious");
  std::filesystem::create_symlink(victim, in.path() / "guard.json.new");
  const auto file = state_file::open(in.path() / "guard.json");
  ASSERT_TRUE(file);
  EXPECT_FALSE(file->save(known()));
  EXPECT_EQ(std::filesystem::file_size(victim), 8U);
}

TEST(state_file, a_folder_that_is_not_there_is_an_error_with_a_hint) {
  const netlab::temporary_folder in;
  const auto file = state_file::open(in.path() / "a" / "b" / "guard.json");
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().hint, HasSubstr("--state"));
}

}  // namespace
}  // namespace waitstate::remedy::guard
