#include "waitstate/remedy/tune/boot_files.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "waitstate/netlab/server_process.h"

namespace waitstate::remedy {
namespace {

namespace fs = std::filesystem;

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
