#include "judgement/silent_place.h"

#include <gtest/gtest.h>

#include "close_fixture.h"

namespace waitstate::diagnosis {
namespace {

using namespace std::chrono_literals;
using tcp::state;

TEST(gives_up_after, is_what_the_kernel_computes) {
  EXPECT_EQ(gives_up_after(0), 200ms);
  EXPECT_EQ(gives_up_after(3), 3'000ms);
  EXPECT_EQ(gives_up_after(8), 102'200ms);
  EXPECT_EQ(gives_up_after(9), 204'600ms);
  EXPECT_EQ(gives_up_after(15), 924'600ms);  // Documentation/networking/ip-sysctl.rst: 924.6 s
  EXPECT_EQ(gives_up_after(-1), 200ms);
  EXPECT_EQ(gives_up_after(1'000'000), gives_up_after(264));
}

TEST(silent_places, takes_the_states_of_one_destination_together_and_names_who_waits) {
  auto s = host();
  const auto app = add_process(s, 4, "app");
  put(s, to(state::established, "10.0.0.9", 80, 3).of(app).sent_again(3));
  put(s, to(state::last_ack, "10.0.0.9", 80, 4).of_nobody().sent_again(6));
  put(s, to(state::time_wait, "10.0.0.9", 80, 900));
  put(s, to(state::established, "10.0.0.8", 80, 9).of(app).sent_again(0));
  const auto places = silent_places(s);
  ASSERT_EQ(places.size(), 1U);
  EXPECT_EQ(places[0].open, 3U);
  EXPECT_EQ(places[0].closing, 4U);
  EXPECT_EQ(places[0].others, 0U);
  EXPECT_EQ(places[0].sent_again_max, 6U);
  EXPECT_EQ(places[0].owner, app);
}

TEST(silent_places, two_clients_are_the_subject_of_a_paste_that_shows_hardly_another) {
  const auto places = [](snapshot s, std::uint64_t silent, std::uint64_t others) {
    put(s, on(state::established, 6000, "9.9.9.9", silent).sent_again(9));
    if (others > 0) put(s, on(state::established, 6000, "9.9.9.8", others).sent_again(0));
    return silent_places(s).size();
  };
  EXPECT_EQ(places(paste(), 2, 1), 1U);
  EXPECT_EQ(places(paste(), 2, 2), 0U);
  EXPECT_EQ(places(paste(), 1, 0), 0U);
  EXPECT_EQ(places(host(), 2, 1), 0U) << "clients that vanish are ordinary";
}

}  // namespace
}  // namespace waitstate::diagnosis
