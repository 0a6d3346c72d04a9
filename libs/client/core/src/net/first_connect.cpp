#include "net/first_connect.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "waitstate/client/internal/one_shot.h"

namespace waitstate::client {
namespace {

constexpr duration next_after = std::chrono::milliseconds(250);

struct attempt_at {
  std::size_t which = 0;  // of the addresses
  connection_ptr what;
  boost::system::error_code code;
};

/// The attempts under way. Their handlers come on any thread.
class attempts {
 public:
  explicit attempts(asio::any_io_executor executor) : executor_(std::move(executor)) {}
  attempts(const attempts&) = delete;
  attempts& operator=(const attempts&) = delete;
  ~attempts() {
    for (const auto& one : under_way_) one.what->shut_down("another address was quicker");
  }

  void begin(std::size_t which, const connection_ptr& what, const socket_address& to) {
    under_way_.push_back({.which = which, .what = what, .code = {}});
    what->plain().async_connect(to, [which, what, told = told_](const auto& code) {
      const std::scoped_lock held(told->lock);
      told->ended.push_back({.which = which, .what = what, .code = code});
      if (told->waiting) told->waiting->give(true);
    });
  }

  [[nodiscard]] bool is_any_under_way() const { return !under_way_.empty(); }

  /// One that has ended; waits for it until then.
  asio::awaitable<std::optional<attempt_at>> next(time_point until) {
    const auto waiting = std::make_shared<one_shot<bool>>(executor_);
    auto ended = take(waiting);
    if (!ended) {
      co_await one_shot<bool>::take(waiting, until);
      ended = take(nullptr);
    }
    co_return ended;
  }

 private:
  struct told_of {
    std::mutex lock;
    std::vector<attempt_at> ended;
    std::shared_ptr<one_shot<bool>> waiting;
  };

  std::optional<attempt_at> take(std::shared_ptr<one_shot<bool>> waiting) {
    const std::scoped_lock held(told_->lock);
    told_->waiting = std::move(waiting);
    if (told_->ended.empty()) return std::nullopt;
    auto one = std::move(told_->ended.back());
    told_->ended.pop_back();
    std::erase_if(under_way_, [&](const auto& u) { return u.which == one.which; });
    return one;
  }

  const asio::any_io_executor executor_;
  const std::shared_ptr<told_of> told_ = std::make_shared<told_of>();
  std::vector<attempt_at> under_way_;
};

/// When the next address is begun, if none has answered.
time_point next_begins(time_point now, time_point deadline, std::size_t left) {
  if (left == 0) return deadline;
  const auto share = std::max(deadline - now, duration(0)) / static_cast<duration::rep>(left + 1);
  return now + std::min(share, next_after);
}

}  // namespace

std::vector<socket_address> in_turn_of_families(const std::vector<socket_address>& addresses) {
  std::vector<socket_address> first;
  std::vector<socket_address> other;
  for (const auto& address : addresses) {
    const bool is_of_first = address.protocol().family() == addresses.front().protocol().family();
    (is_of_first ? first : other).push_back(address);
  }
  std::vector<socket_address> ordered;
  ordered.reserve(addresses.size());
  for (std::size_t at = 0; at < std::max(first.size(), other.size()); ++at) {
    if (at < first.size()) ordered.push_back(first[at]);
    if (at < other.size()) ordered.push_back(other[at]);
  }
  return ordered;
}

task<connection_ptr> connect_first(asio::any_io_executor executor,
                                   std::vector<socket_address>* left, make_socket make,
                                   describe_connect action, time_point deadline) {
  const auto addresses = *left;
  const auto is_done_with = [&](std::size_t which) { std::erase(*left, addresses[which]); };
  attempts all(executor);
  error last{.code = errc::timed_out, .what = action(nullptr) + ": timed out", .hint = {}};
  std::size_t begun = 0;
  while (begun < addresses.size() || all.is_any_under_way()) {
    auto until = deadline;
    if (begun < addresses.size()) {
      const auto which = begun++;
      const auto made = make(addresses[which]);
      if (!made) {
        last = made.error();
        is_done_with(which);
        continue;
      }
      all.begin(which, *made, addresses[which]);
      until = next_begins(clock::now(), deadline, addresses.size() - begun);
    }
    const auto ended = co_await all.next(until);
    if (ended && !ended->code) {
      is_done_with(ended->which);
      co_return ended->what;
    }
    if (ended) {
      last = from_code(ended->code, action(&addresses[ended->which]));
      is_done_with(ended->which);
    }
    if (clock::now() >= deadline) break;
  }
  co_return failure(std::move(last));
}

}  // namespace waitstate::client
