#include "tune/durable_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "waitstate/netlab/server_process.h"

namespace waitstate::remedy {
namespace {

namespace fs = std::filesystem;

TEST(durable_file, is_whole_or_not_there) {
  const netlab::temporary_folder folder;
  const auto path = (folder.path() / "f.conf").string();
  EXPECT_FALSE(read_durable(path)->has_value());
  ASSERT_TRUE(stage(path, "new", 0644));
  EXPECT_FALSE(fs::exists(path)) << "it is beside its place";
  EXPECT_FALSE(staged_path(path).ends_with(".conf")) << "so that no boot reads it";
  ASSERT_TRUE(put_in_place(path));
  EXPECT_EQ(**read_durable(path), "new");
  ASSERT_TRUE(write_durable(path, "newer", 0600));
  EXPECT_EQ(**read_durable(path), "newer");
  ASSERT_TRUE(stage(path, "left over", 0600));
  ASSERT_TRUE(stage(path, "again", 0600)) << "what a crash left is in nobody's way";
  ASSERT_TRUE(remove_durable(path));
  EXPECT_TRUE(fs::is_empty(folder.path()));
  EXPECT_TRUE(remove_durable(path));
}

TEST(durable_file, follows_no_link_and_reads_no_device) {
  const netlab::temporary_folder folder;
  const auto target = folder.write("target", "a");
  const auto link = (folder.path() / "link").string();
  fs::create_symlink(target, link);
  const auto read = read_durable(link);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().hint.find("link"), std::string::npos);
  EXPECT_FALSE(read_durable("/dev/zero"));
  EXPECT_FALSE(read_durable(folder.path().string()));
}

TEST(durable_file, a_folder_is_held_by_one_at_a_time) {
  const netlab::temporary_folder folder;
  const auto path = (folder.path() / "state").string();
  {
    const auto first = hold_folder(path);
    ASSERT_TRUE(first);
    const auto second = hold_folder(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, errc::unavailable);
  }
  EXPECT_TRUE(hold_folder(path));
  EXPECT_FALSE(hold_folder(folder.write("file", "")));
}

TEST(durable_file, whoever_may_only_read_a_folder_cannot_hold_it) {
  const netlab::temporary_folder folder;
  const auto path = (folder.path() / "state").string();
  {
    ASSERT_TRUE(hold_folder(path));
  }
  const fd reader(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(::flock(reader.get(), LOCK_EX | LOCK_NB), 0);
  EXPECT_TRUE(hold_folder(path)) << "a lock on the folder is anybody's";
  struct stat about{};
  ASSERT_EQ(::stat((path + "/tune.lock").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
}

TEST(durable_file, a_folder_in_which_others_may_write_is_not_held) {
  const netlab::temporary_folder folder;
  const auto path = folder.path() / "open to all";
  fs::create_directory(path);
  fs::permissions(path, fs::perms::all);
  const auto held = hold_folder(path.string());
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().code, errc::permission);
}

}  // namespace
}  // namespace waitstate::remedy
