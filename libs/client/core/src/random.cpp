#include "waitstate/client/core/random.h"

#include <random>

namespace waitstate::client {
namespace {

struct splitmix64 {
  std::uint64_t state;

  std::uint64_t operator()() {
    state += 0x9e3779b97f4a7c15ULL;
    auto mixed = state;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31);
  }
};

}  // namespace

random_source seeded_random(std::uint64_t seed) {
  return splitmix64{seed};
}

random_source system_random() {
  std::random_device device;
  return seeded_random((std::uint64_t{device()} << 32) | device());
}

double random_share(const random_source& random) {
  return static_cast<double>(random() >> 11) / static_cast<double>(1ULL << 53);
}

}  // namespace waitstate::client
