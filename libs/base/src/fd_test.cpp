#include "waitstate/base/fd.h"

#include <fcntl.h>

#include <utility>

#include <gtest/gtest.h>

namespace waitstate {
namespace {

bool is_open(int number) {
  return ::fcntl(number, F_GETFD) != -1;
}

fd open_null() {
  return fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

TEST(fd, closes_what_it_owns_once) {
  int number = -1;
  {
    const fd owned = open_null();
    number = owned.get();
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(fd, moves_the_descriptor_and_closes_the_one_it_replaces) {
  fd first = open_null();
  fd second = open_null();
  const int replaced = second.get();
  const int kept = first.get();
  second = std::move(first);
  EXPECT_EQ(second.get(), kept);
  EXPECT_FALSE(is_open(replaced));
  EXPECT_TRUE(is_open(kept));
}

TEST(fd, gives_the_descriptor_away_on_release) {
  fd owned = open_null();
  const fd taken(owned.release());
  EXPECT_FALSE(owned);
  EXPECT_TRUE(is_open(taken.get()));
}

TEST(fd, holds_nothing_for_any_negative_number) {
  const fd none(-5);
  EXPECT_FALSE(none);
  EXPECT_EQ(none.get(), -1);
}

}  // namespace
}  // namespace waitstate
