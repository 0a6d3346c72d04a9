#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "redis/redis_commands.h"

namespace waitstate::sidecar {

/// What a client must know, and what it is told of itself.
struct redis_client_facts {
  std::string user;      ///< Empty: "default".
  std::string password;  ///< Empty: any that it sends is taken.
  int database = 0;      ///< Before it selects one.
  std::uint64_t number = 0;
  std::string from;  ///< "127.0.0.1:41712"
};

/// What is to be done with a request.
enum class redis_step : std::uint8_t {
  answer,   ///< Here, with `redis_verdict::text`.
  shared,   ///< Sent on, on a connection that clients share.
  pinned,   ///< Sent on, on a connection of the client's own.
  tunnel,   ///< The same, and from now on bytes pass both ways as they come.
  prepare,  ///< Once there is a connection of this protocol and database the client is told so,
            ///< with `text` or, of HELLO, the server's greeting; then prepared().
};

struct redis_verdict {
  redis_step step = redis_step::answer;
  std::string text;  ///< A whole reply.
  /// May be sent again: it changes nothing, or nothing before EXEC. Where it is shared, a replica
  /// may answer.
  bool is_read = false;
  bool may_block = false;  ///< Takes as long as it takes.
  bool closes = false;     ///< The client, once it has all replies.
  /// What the client holds is left as it is now, and its connection must be closed.
  bool drops_pinned = false;
  bool is_hello = false;
  int protocol = 2;  ///< Of `prepare`.
  int database = 0;
};

/// One client's side of Redis' protocol: what it has said of itself, and what that makes of each of
/// its requests. Owns no socket and no clock.
class redis_dialogue {
 public:
  explicit redis_dialogue(redis_client_facts facts);

  /// What the next request, in the order they came, is to become.
  [[nodiscard]] redis_verdict on_request(std::span<const std::string_view> arguments);
  /// The server took it: what was asked for is so from now on.
  void prepared(const redis_verdict& what);
  /// The connection of its own is lost or could not be had: no MULTI and no WATCH any more.
  void unpinned();

  /// Whether what comes next is for a connection of its own: within MULTI, after WATCH.
  [[nodiscard]] bool needs_pinned() const { return is_in_multi_ || is_watching_ || is_tunnel_; }
  [[nodiscard]] bool is_tunnel() const { return is_tunnel_; }
  [[nodiscard]] int protocol() const { return protocol_; }
  [[nodiscard]] int database() const { return database_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  /// "MULTI", "WATCH", "SUBSCRIBE"; empty.
  [[nodiscard]] const std::string& pinned_for() const { return pinned_for_; }

 private:
  using arguments_type = std::span<const std::string_view>;

  redis_verdict own(arguments_type arguments, redis_use use);
  redis_verdict sent(arguments_type arguments, redis_use use);
  redis_verdict on_hello(arguments_type arguments);
  redis_verdict on_auth(arguments_type arguments);
  [[nodiscard]] redis_verdict on_select(arguments_type arguments) const;
  redis_verdict on_client(arguments_type arguments);
  redis_verdict on_reset();
  [[nodiscard]] std::string info() const;
  [[nodiscard]] bool knows(std::string_view user, std::string_view password) const;
  [[nodiscard]] std::string null() const { return protocol_ == 3 ? "_\r\n" : "$-1\r\n"; }

  redis_client_facts facts_;
  std::string name_;
  std::string pinned_for_;
  std::string name_wanted_;  // by the HELLO that is under way
  int protocol_ = 2;
  int database_ = 0;
  bool is_known_ = true;
  bool is_in_multi_ = false;
  bool is_watching_ = false;
  bool is_tunnel_ = false;
};

/// "-ERR waitstate: ...": an error that is made here, whatever the text has in it.
[[nodiscard]] std::string redis_error(std::string_view why);

}  // namespace waitstate::sidecar
