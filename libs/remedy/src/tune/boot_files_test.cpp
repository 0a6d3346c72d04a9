#include "waitstate/remedy/tune/boot_files.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "waitstate/netlab/server_process.h"

namespace waitstate::remedy {
namespace {

namespace fs = std::filesystem;

TEST(boot_files, say_what_was_too_much_to_look_at) {
  const netlab::temporary_folder folder;
  std::string many;
  for (int i = 0; i < 10'003; ++i) many += "net.core.somaxconn = 1\n";
  static_cast<void>(folder.write("10-many.conf", many));
  std::string large;
  while (large.size() < (std::size_t{1} << 20U)) large += "# " + std::string(1'000, 'x') + "\n";
  static_cast<void>(folder.write("20-large.conf", large + "net.core.somaxconn = 1\n"));
  const auto files = read_boot_files({folder.path().string()});
  ASSERT_EQ(files.size(), 2U);
  ASSERT_EQ(files[0].said.unread.size(), 1U);
  EXPECT_EQ(files[0].said.unread[0].number, 10'001U);
  EXPECT_EQ(files[0].said.unread[0].why, "this line and 2 lines behind it were not looked at");
  ASSERT_EQ(files[1].said.unread.size(), 1U);
  EXPECT_NE(files[1].said.unread[0].why.find("megabyte"), std::string::npos);
}

TEST(boot_files, are_read_by_name_whatever_folder_they_are_in_and_hide_each_other) {
  const netlab::temporary_folder folder;
  const auto etc = folder.path() / "etc";
  const auto lib = folder.path() / "lib";
  fs::create_directory(etc);
  fs::create_directory(lib);
  static_cast<void>(folder.write("lib/10-first.conf", "a.b = 1\n"));
  static_cast<void>(folder.write("etc/20-second.conf", "a.b = 2\n"));
  static_cast<void>(folder.write("lib/20-second.conf", "a.b = 3\n"));
  static_cast<void>(folder.write("lib/30-off.conf", "a.b = 4\n"));
  static_cast<void>(folder.write("etc/90-not-read.txt", "a.b = 5\n"));
  fs::create_symlink("/dev/null", etc / "30-off.conf");
  const auto files =
      read_boot_files({etc.string(), lib.string(), (folder.path() / "nowhere").string()});
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0].path, (lib / "10-first.conf").string());
  EXPECT_EQ(files[1].path, (etc / "20-second.conf").string());
  EXPECT_TRUE(files[2].said.lines.empty()) << "a link to /dev/null turns a file off";
  const auto set = set_at_boot(files, "a.b");
  ASSERT_TRUE(set);
  EXPECT_EQ(set->value, "2");
}

}  // namespace
}  // namespace waitstate::remedy
