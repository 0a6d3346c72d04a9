#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "waitstate/client/core/random.h"

namespace waitstate::client {

/// What a server sends that means harm, or whose memory fails: up to four changes to what it should
/// have sent. The same bytes for the same state of `random`.
inline std::string mutated(std::string_view bytes, const random_source& random) {
  std::string made(bytes);
  for (auto changes = 1 + random() % 4; changes > 0 && !made.empty(); --changes) {
    const auto at = static_cast<std::size_t>(random() % made.size());
    const auto length = std::min<std::size_t>(made.size() - at, 1 + random() % 16);
    switch (random() % 8) {
      case 0: made[at] = static_cast<char>(random()); break;
      case 1: made[at] = static_cast<char>(made[at] ^ (1 << (random() % 8))); break;
      case 2: made.erase(at, length); break;
      case 3: made.insert(at, made.substr(at, length)); break;
      case 4: made.resize(at); break;
      case 5: made.insert(at, length, static_cast<char>(random())); break;
      case 6: made.insert(at, std::to_string(random() >> (random() % 64))); break;
      default: made.insert(at, random() % 2 == 0 ? "\r\n" : std::string(3, '\0')); break;
    }
  }
  return made;
}

/// How many of them a test sends: WAITSTATE_MUTATIONS, or a number that takes a second.
inline std::uint64_t mutations_count() {
  std::uint64_t count = 300;
  const auto* const said = std::getenv("WAITSTATE_MUTATIONS");
  if (said == nullptr) return count;
  const std::string_view text(said);
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

}  // namespace waitstate::client
