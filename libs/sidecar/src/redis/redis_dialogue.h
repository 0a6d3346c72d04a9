#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "redis/redis_commands.h"
#include "redis/redis_pin.h"

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
  redis_use use = redis_use::write;
  /// A whole reply; of `tunnel`, what is sent in place of the request, if anything.
  std::string text;
  /// May be sent again: it changes nothing, whatever became of the requests before it. Where it is
  /// shared, a replica may answer.
  bool is_read = false;
  bool is_farewell = false;  ///< Of `tunnel`: it ends (redis_farewell).
  bool may_block = false;    ///< Takes as long as it takes.
  bool closes = false;       ///< The client, once it has all replies.
  /// What the client holds is left as it is now, and its connection must be closed.
  bool drops_pinned = false;
  bool is_hello = false;
  bool is_reset = false;   ///< The client begins anew: was_reset() once that is done.
  std::string tunnel_for;  ///< "SUBSCRIBE", where it opens one.
  int protocol = 2;        ///< Of `prepare`.
  int database = 0;
};

/// One client's side of Redis' protocol: what it has said of itself, and what that makes of each of
/// its requests. Owns no socket and no clock.
class redis_dialogue {
 public:
  explicit redis_dialogue(redis_client_facts facts);

  /// Does it depend on replies that have not come what this request is to become? They are awaited
  /// then, and it is judged after them.
  [[nodiscard]] bool depends_on_replies(std::span<const std::string_view> arguments) const;
  /// What the next request, in the order they came, is to become.
  [[nodiscard]] redis_verdict on_request(std::span<const std::string_view> arguments);
  /// It becomes that now: the client's request `number`, where it is sent on.
  void becomes(const redis_verdict& what, std::uint64_t number);
  /// Bytes of a reply of the server to the request of that number.
  void replied(std::uint64_t number, std::string_view bytes, bool is_end);
  /// What the client has said of itself is forgotten, as after RESET.
  void was_reset();
  /// The server took it: what was asked for is so from now on.
  void prepared(const redis_verdict& what);
  /// The connection of its own is lost or could not be had: no MULTI and no WATCH any more.
  void unpinned();

  /// Whether what comes next is for a connection of its own, within MULTI or after WATCH: so the
  /// server has said, or will if it takes what is under way.
  [[nodiscard]] bool needs_pinned() const { return is_tunnel_ || pin_.is_held(); }
  /// Whether the connection of its own is as it was before all that, by the server's word.
  [[nodiscard]] bool is_clean() const { return pin_.is_settled() && !needs_pinned(); }
  [[nodiscard]] bool is_tunnel() const { return is_tunnel_; }
  [[nodiscard]] int protocol() const { return protocol_; }
  [[nodiscard]] int database() const { return database_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  /// "MULTI", "WATCH", "SUBSCRIBE"; empty.
  [[nodiscard]] std::string_view pinned_for() const;

 private:
  using arguments_type = std::span<const std::string_view>;

  redis_verdict own(arguments_type arguments, redis_use use);
  [[nodiscard]] redis_verdict sent(arguments_type arguments, redis_use use) const;
  [[nodiscard]] redis_verdict auth_in_tunnel(arguments_type arguments) const;
  redis_verdict on_hello(arguments_type arguments);
  redis_verdict on_auth(arguments_type arguments);
  [[nodiscard]] bool is_password(arguments_type arguments) const;
  [[nodiscard]] redis_verdict on_select(arguments_type arguments) const;
  redis_verdict on_client(arguments_type arguments);
  [[nodiscard]] std::string info() const;
  [[nodiscard]] bool knows(std::string_view user, std::string_view password) const;
  [[nodiscard]] std::string null() const { return protocol_ == 3 ? "_\r\n" : "$-1\r\n"; }

  redis_client_facts facts_;
  std::string name_;
  std::string tunnel_for_;
  std::string name_wanted_;  // by the HELLO that is under way
  int protocol_ = 2;
  int database_ = 0;
  bool is_known_ = true;
  bool is_tunnel_ = false;
  redis_pin pin_;  // of the connection of its own
};

/// "-ERR waitstate: ...": an error that is made here, whatever the text has in it.
[[nodiscard]] std::string redis_error(std::string_view why);

}  // namespace waitstate::sidecar
