#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "front/service.h"
#include "redis/redis_dialogue.h"
#include "redis/redis_farewell.h"
#include "redis/redis_route.h"

namespace waitstate::sidecar {

/// The connection that a client has for itself, while it has one: within MULTI, after WATCH, for
/// what blocks, and as a tunnel. Of one loop, and of its thread alone.
class redis_own {
 public:
  /// What its end means to the client.
  enum class end : std::uint8_t {
    none,     ///< It was not its own any more, or nothing depended on it.
    reset,    ///< It begins anew, as it has asked.
    is_over,  ///< It has lost what it had said, or was done: it reads no more.
  };

  redis_own(client_ptr who, const std::shared_ptr<redis_route>& route, redis_dialogue& dialogue)
      : who_(std::move(who)), route_(*route), dialogue_(dialogue) {}

  [[nodiscard]] bool is_there() const { return link_ != nullptr; }
  [[nodiscard]] bool is_tunnel() const { return link_ && link_->is_tunnel(); }
  /// Until the client sends something that ends it.
  [[nodiscard]] bool is_holding() const {
    return link_ && !is_ending() && (is_blocking_ || dialogue_.needs_pinned());
  }
  /// A tunnel that ends once the server has done what it was told: no more is sent.
  [[nodiscard]] bool is_ending() const { return link_ && farewell_; }
  /// The client begins anew once it has ended.
  [[nodiscard]] bool is_resetting() const { return farewell_ && !is_quitting_; }

  /// A request of `for_whom`; over a connection that is made for it, if there is none.
  void send(redis_pending what, const redis_verdict& as, std::string_view request);
  /// Bytes through the tunnel, which it becomes.
  void tunnel(const std::shared_ptr<redis_waiter>& for_whom, const redis_verdict& as,
              std::string_view request);
  /// Bytes of the tunnel for the client, appended to `out`.
  void take(std::string_view bytes, std::string& out);
  /// Nothing waits for a reply now: it goes back if the server says that it is as it was.
  void settle();
  /// Nobody needs it any more.
  void release();
  /// Its client has left, or begins anew: closed, and a tunnel once what was said is done.
  void drop();
  /// It has ended; what is left for the client is appended to `out`.
  [[nodiscard]] end ended(bool is_answer_due, std::string_view error, std::string& out);
  /// Says in the client's lists what it holds; again, once it is connected.
  void name();

 private:
  void open(const std::shared_ptr<redis_waiter>& for_whom);
  redis_link_ptr forget();

  const client_ptr who_;
  redis_route& route_;
  redis_dialogue& dialogue_;
  redis_link_ptr link_;
  std::optional<redis_farewell> farewell_;
  bool is_blocking_ = false;  // a command that takes as long as it takes
  bool is_quitting_ = false;
};

}  // namespace waitstate::sidecar
