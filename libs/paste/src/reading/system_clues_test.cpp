#include "reading/system_clues.h"

#include <gtest/gtest.h>

#include "rows/formats.h"

namespace waitstate::paste {
namespace {

row_store rows_of(std::initializer_list<std::string_view> names) {
  row_store rows;
  for (const auto name : names) rows.add({}, format_named(name), {});
  return rows;
}

TEST(system_clues, are_the_rows_first) {
  const system_clues windows{.of_messages = os_family::windows, .typed_on_windows = true};
  EXPECT_EQ(guessed_system(rows_of({"ss"}), windows), os_family::linux_kernel);
  EXPECT_EQ(guessed_system(rows_of({"/proc/net/tcp"}), windows), os_family::linux_kernel);
  EXPECT_EQ(guessed_system(rows_of({"netstat of BSD"}), windows), os_family::other_bsd);
  EXPECT_EQ(guessed_system(rows_of({"ss", "netstat of BSD"}), {}), os_family::other_bsd);
  EXPECT_EQ(guessed_system(rows_of({"ss", "netstat of Windows"}), {.linux_totals = true}),
            os_family::windows);
}

TEST(system_clues, are_totals_then_messages_then_what_was_typed) {
  // lsof is on all of them.
  const auto rows = rows_of({"lsof"});
  EXPECT_EQ(guessed_system(rows, {}), os_family::unknown);
  EXPECT_EQ(guessed_system(rows, {.typed_on_windows = true}), os_family::windows);
  EXPECT_EQ(guessed_system(rows, {.of_messages = os_family::macos, .typed_on_windows = true}),
            os_family::macos);
  EXPECT_EQ(guessed_system(rows, {.linux_totals = true, .of_messages = os_family::macos}),
            os_family::linux_kernel);
}

}  // namespace
}  // namespace waitstate::paste
