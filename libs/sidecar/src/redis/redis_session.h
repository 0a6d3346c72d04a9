#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/steady_timer.hpp>

#include "front/service.h"
#include "redis/redis_dialogue.h"
#include "redis/redis_output.h"
#include "redis/redis_own.h"
#include "redis/redis_pending.h"
#include "redis/redis_route.h"
#include "redis/redis_slots.h"
#include "redis/resp_request_scanner.h"

namespace waitstate::sidecar {

/// One client of a Redis route: reads its requests, sends them where the dialogue says, and writes
/// replies in their order. Of one loop, and of its thread alone.
class redis_session final : public redis_waiter,
                            public std::enable_shared_from_this<redis_session> {
 public:
  redis_session(client_ptr who, std::shared_ptr<redis_route> route);
  ~redis_session() override;

  /// Until the client leaves or is let go.
  static asio::awaitable<void> run(std::shared_ptr<redis_session> self);
  /// Lets it go once it has been silent for a moment.
  void drain() { set_deadline(); }

  bool on_reply(std::uint64_t number, std::string_view bytes, bool is_end) override;
  bool on_lost(std::uint64_t number, bool is_begun, std::string_view error) override;
  bool on_bytes(std::string_view bytes) override;
  bool on_own_lost(std::string_view error) override;
  void flush() override;

 private:
  /// After its last request: until all that it waits for has gone out.
  static asio::awaitable<void> finish(std::shared_ptr<redis_session> self);
  void take(std::string_view fresh);
  /// Does what can be done of these bytes, and says how many are done with.
  std::size_t work(std::string_view bytes);
  enum class next : std::uint8_t { none, nothing, waits, request };
  /// The next request, if it is whole and can be judged.
  next read_next(std::string_view bytes, redis_verdict& into);
  [[nodiscard]] bool is_answer_due() const;
  [[nodiscard]] bool is_idle() const {
    return slots_.is_empty() && !has_to_wait_ && !own_.is_there() && in_.empty();
  }
  [[nodiscard]] bool may_do(const redis_verdict& what) const;
  void do_it(const redis_verdict& what, std::string_view request);
  void answer(std::string_view reply);
  void send_shared(const redis_verdict& what, std::string_view request);
  void send_own(const redis_verdict& what, std::string_view request);
  void prepare(const redis_verdict& what);
  void prepared(std::string_view reply, bool is_error);
  redis_pending pending(const redis_verdict& what);
  bool wants_flush() { return !std::exchange(is_flush_due_, true); }
  /// As wants_flush(), after more has come for the client: past its bound it is let go.
  bool gathered();
  void progress();
  void written(bool is_well);
  /// The rest of a request, the reading of replies and what it holds in silence have their time.
  void set_deadline();
  /// No more requests; what was asked is still answered.
  void stop_reading();
  /// Nothing more goes to the client.
  void let_go();
  [[nodiscard]] redis_place place() const {
    return {.protocol = dialogue_.protocol(), .database = dialogue_.database()};
  }

  const client_ptr who_;
  const std::shared_ptr<redis_route> route_;
  redis_dialogue dialogue_;
  resp_request_scanner scanner_;
  redis_slots slots_;
  const std::shared_ptr<redis_output> out_;
  std::string in_;                          // read, and not worked on
  std::optional<redis_verdict> held_;       // of the request at the front of in_, when it is judged
  std::optional<redis_verdict> preparing_;  // HELLO or SELECT that waits for a connection
  redis_link_ptr link_;                     // where its requests are under way
  redis_own own_;
  asio::steady_timer wake_;  // of run(): something has changed
  bool is_reading_ = true;
  bool has_to_wait_ = false;  // the request at the front of in_
  bool is_flush_due_ = false;
  bool is_working_ = false;
  bool is_gone_ = false;
};

}  // namespace waitstate::sidecar
