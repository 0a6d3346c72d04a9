#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "redis/redis_commands.h"

namespace waitstate::sidecar {

/// Whether a client's own connection is within MULTI or watches, by what the server has answered:
/// a command that it refused has changed nothing, whatever its name says. Knows no socket.
class redis_pin {
 public:
  /// Does a reply to it say something about that?
  [[nodiscard]] static constexpr bool is_about(redis_use use) {
    return use == redis_use::multi || use == redis_use::watch || use == redis_use::ends_multi ||
           use == redis_use::unwatch;
  }

  /// One of those, the client's request `number`, is under way from now on; numbers rise.
  void asked(redis_use use, std::uint64_t number);
  /// Bytes of the reply to any request of the client, in their order.
  void replied(std::uint64_t number, std::string_view bytes, bool is_end);
  /// The connection is gone, and all this with it.
  void lost() { *this = {}; }

  /// Nothing is under way that could change what the others say.
  [[nodiscard]] bool is_settled() const { return asked_.empty(); }
  /// What is under way ends MULTI or WATCH, if the server takes it: where the next request belongs
  /// is known once it has answered.
  [[nodiscard]] bool is_ending() const;
  /// So much is under way that it is settled first.
  [[nodiscard]] bool is_full() const { return asked_.size() >= under_way_max; }
  /// Within MULTI: so the server has said, or will if it takes what is under way.
  [[nodiscard]] bool is_in_multi() const { return expected().is_in_multi; }
  /// Within MULTI or watching, in the same sense.
  [[nodiscard]] bool is_held() const {
    const auto at_last = expected();
    return at_last.is_in_multi || at_last.is_watching;
  }

 private:
  static constexpr std::size_t under_way_max = 16;

  struct standing {
    bool is_in_multi = false;
    bool is_watching = false;
  };
  struct request {
    redis_use use = redis_use::multi;
    std::uint64_t number = 0;
  };

  [[nodiscard]] static standing after(redis_use use, std::string_view reply, standing before);
  [[nodiscard]] standing expected() const;

  standing is_;
  std::vector<request> asked_;  // few; an idle client's takes no memory
  std::string head_;            // of the reply that is coming
};

}  // namespace waitstate::sidecar
