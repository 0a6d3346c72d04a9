#include "messages/goroutine_profile.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace waitstate::paste {
namespace {

using what = shared_wait::what;

TEST(goroutine_profile, equal_stacks_are_one_with_their_number) {
  goroutine_profile profile;
  std::vector<shared_wait> found;
  for (const std::string_view line :
       {"goroutine profile: total 1050", "1034 @ 0x43e1b6 0x44f1c5 0x44f1ae",
        "#\t0x46d2a4\tsync.runtime_SemacquireMutex+0x24\t/usr/lib/go/src/runtime/sema.go:77",
        "#\t0x47a1b8\tsync.(*Mutex).lockSlow+0x158\t/usr/lib/go/src/sync/mutex.go:171",
        "#\t0x6f1a2c\tsync.(*Mutex).Lock+0x8c\t/usr/lib/go/src/sync/mutex.go:90",
        "#\t0x7f1a2c\tmain.handle+0x8c\t/srv/main.go:90", "12 @ 0x43e1b6 0x44f1c5",
        "#\t0x5f1a2c\tdatabase/sql.(*DB).conn+0x8c\t/usr/lib/go/src/database/sql/sql.go:1324",
        "4 @ 0x1 0x2", "#\t0x1\ttime.Sleep+0x8c\t/usr/lib/go/src/runtime/time.go:195"}) {
    EXPECT_TRUE(profile.read(line)) << line;
    if (profile.found()) found.push_back(*profile.found());
  }
  EXPECT_THAT(found,
              testing::ElementsAre(
                  shared_wait{.kind = what::lock, .threads = 1034, .place = "sync.Mutex.Lock"},
                  shared_wait{.kind = what::lease, .threads = 12, .place = "database/sql"}));
}

TEST(goroutine_profile, leaves_other_lines_alone) {
  goroutine_profile profile;
  for (const std::string_view line :
       {"", "#\t0x46d2a4\tsync.(*Mutex).Lock+0x24", "12 @ noon", "goroutine 5 [IO wait]:"}) {
    EXPECT_FALSE(profile.read(line)) << line;
  }
}

}  // namespace
}  // namespace waitstate::paste
