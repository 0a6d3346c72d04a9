#include "messages/error_tally.h"

#include <gtest/gtest.h>

#include "messages/error_line.h"

namespace waitstate::paste {
namespace {

TEST(error_tally, is_read_as_load_generators_write_it) {
  struct row {
    std::string_view line;
    std::uint64_t count;
  };
  constexpr row rows[] = {
      {"    EADDRINUSE: 2531", 2531},
      {"errors.EADDRNOTAVAIL: ............................................ 5194", 5194},
      {"EADDRNOTAVAIL | 51942", 51942},
      {"| ECONNRESET | 12 |", 12},
      {"  \"ETIMEDOUT\": 17,", 17},
      {"- ECONNREFUSED: 30 (12.5%)", 30},
      {"[4412]\tGet \"http://localhost:8080\": connect: cannot assign requested address", 4412},
      {"j.n.BindException: Cannot assign requested address         3456 (78.12%)", 3456},
      {"dial tcp 127.0.0.1:80: connect: cannot assign requested address - 1234", 1234},
  };
  for (const auto& [line, count] : rows) EXPECT_EQ(tally_of(line), count) << line;
}

TEST(error_tally, is_no_port_no_process_and_no_errno) {
  for (const std::string_view line :
       {"", "EADDRINUSE", "listen EADDRINUSE: address already in use :::3000", "EADDRINUSE :::3000",
        "[4412] connect: cannot assign requested address", "errno: 98", "code: 'EADDRINUSE', 12",
        "EADDRINUSE: 98 address already in use", "connect EADDRNOTAVAIL 10.0.0.5:80"}) {
    EXPECT_EQ(tally_of(line), std::nullopt) << line;
  }
}

TEST(error_tally, of_addresses_in_use_is_a_clients) {
  using enum message_kind;
  struct row {
    std::string_view line;
    message_kind kind;
    std::uint64_t count;
  };
  constexpr row rows[] = {
      {"EADDRINUSE: 2531", address_not_available, 2531},
      {"EADDRINUSE: 10", address_not_available, 10},
      {"EADDRINUSE: 9", address_in_use_on_listen, 9},
      {"EADDRNOTAVAIL: 7", address_not_available, 7},
      {"Errors: fd-unavail 0 addrunavail 28213 ftab-full 0 other 0", address_not_available, 28213},
      {"Errors: fd-unavail 40 addrunavail 0 ftab-full 0 other 0", too_many_open_files, 40},
      {"Errors: fd-unavail 0 addrunavail 0 ftab-full 3 other 0", file_table_full, 3},
  };
  for (const auto& [line, kind, count] : rows) {
    const auto read = read_error_line(line);
    ASSERT_TRUE(read) << line;
    EXPECT_EQ(read->kind, kind) << line;
    EXPECT_EQ(read->count, count) << line;
  }
  EXPECT_FALSE(read_error_line("Errors: fd-unavail 0 addrunavail 0 ftab-full 0 other 0"));
}

}  // namespace
}  // namespace waitstate::paste
