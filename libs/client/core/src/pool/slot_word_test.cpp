#include "pool/slot_word.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace waitstate::client {
namespace {

TEST(slot_word, starts_vacant_in_generation_0) {
  const slot_word word;
  EXPECT_EQ(word.load(), (slot_word::value{slot_state::vacant, 0}));
}

TEST(slot_word, moves_only_from_the_state_and_generation_it_is_in) {
  slot_word word;
  EXPECT_FALSE(word.move(0, slot_state::idle, slot_state::leased));
  EXPECT_FALSE(word.move(1, slot_state::vacant, slot_state::dialing));
  EXPECT_TRUE(word.move(0, slot_state::vacant, slot_state::dialing));
  EXPECT_TRUE(word.move(0, slot_state::dialing, slot_state::leased));
  EXPECT_EQ(word.load(), (slot_word::value{slot_state::leased, 0}));
}

TEST(slot_word, the_end_of_a_lease_makes_its_number_useless) {
  slot_word word;
  word.move(0, slot_state::vacant, slot_state::leased);
  EXPECT_TRUE(word.end(0, slot_state::leased, slot_state::vacant));
  EXPECT_FALSE(word.end(0, slot_state::leased, slot_state::idle)) << "a late return";
  EXPECT_EQ(word.load(), (slot_word::value{slot_state::vacant, 1}));
}

TEST(slot_word, of_those_who_end_a_lease_at_once_exactly_one_wins) {
  slot_word word;
  constexpr int rounds = 10'000;
  std::atomic<int> wins{0};
  std::vector<std::thread> racers;
  for (int racer = 0; racer < 4; ++racer) {
    racers.emplace_back([&] {
      for (std::uint64_t generation = 0; generation < rounds; ++generation) {
        while (word.load().generation < generation) std::this_thread::yield();
        if (word.end(generation, slot_state::vacant, slot_state::vacant)) ++wins;
      }
    });
  }
  for (auto& racer : racers) racer.join();
  EXPECT_EQ(wins, rounds);
}

}  // namespace
}  // namespace waitstate::client
