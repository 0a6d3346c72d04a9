#include "cluster/call_race.h"

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>

namespace waitstate::client {
namespace {

using strand = asio::strand<asio::any_io_executor>;

struct racer {
  asio::cancellation_signal stop;
  bool has_begun = false;
  bool has_ended = false;
  bool is_well = false;
  std::exception_ptr thrown;
};

/// Everything happens in `turn`.
struct racers {
  explicit racers(strand in) : turn(std::move(in)), changed(turn) {}

  [[nodiscard]] bool is_any_under_way() const {
    return std::ranges::any_of(both, [](const auto& r) { return r.has_begun && !r.has_ended; });
  }
  [[nodiscard]] bool is_decided() const {
    return !is_any_under_way() || std::ranges::any_of(both, &racer::is_well);
  }
  [[nodiscard]] std::size_t winner() const { return both[1].is_well && !both[0].is_well ? 1 : 0; }

  const strand turn;
  asio::steady_timer changed;
  std::array<racer, 2> both;
  bool is_cancelled = false;
};

asio::awaitable<void> run_one(std::shared_ptr<racers> all, std::size_t which, task<> what) {
  const auto got = co_await std::move(what);
  all->both.at(which).is_well = got.has_value();
}

void begin(const std::shared_ptr<racers>& all, std::size_t which, task<> what) {
  auto& r = all->both.at(which);
  r.has_begun = true;
  auto ended = [all, which](std::exception_ptr thrown) {
    all->both.at(which).has_ended = true;
    all->both.at(which).thrown = std::move(thrown);
    all->changed.cancel();
  };
  asio::co_spawn(all->turn, run_one(all, which, std::move(what)),
                 asio::bind_cancellation_slot(r.stop.slot(),
                                              asio::bind_executor(all->turn, std::move(ended))));
}

asio::awaitable<void> wait_for_change(std::shared_ptr<racers> all, time_point until) {
  all->changed.expires_at(until);
  co_await all->changed.async_wait(as_value);
}

task<std::size_t> race_in_turn(std::shared_ptr<racers> all, duration after,
                               std::function<bool()> may_begin,
                               std::function<task<>(std::size_t)> run) {
  // Whoever is under way refers to the caller: it is waited for, whatever happens.
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto is_over = [&all] { return all->is_cancelled || all->is_decided(); };
  begin(all, 0, run(0));
  if (!is_over()) co_await wait_for_change(all, saturating_add(clock::now(), after));
  if (!is_over() && may_begin()) begin(all, 1, run(1));
  while (!is_over()) co_await wait_for_change(all, time_point::max());
  const bool is_cancelled = all->is_cancelled;
  const auto winner = all->winner();
  for (auto& r : all->both) {
    if (r.has_begun && !r.has_ended) r.stop.emit(asio::cancellation_type::terminal);
  }
  while (all->is_any_under_way()) co_await wait_for_change(all, time_point::max());
  for (const auto& r : all->both) {
    if (r.thrown && !is_cancelled) std::rethrow_exception(r.thrown);
  }
  if (is_cancelled) {
    co_return failure({.code = errc::cancelled, .what = "between two attempts", .hint = {}});
  }
  co_return winner;
}

}  // namespace

task<std::size_t> race(duration after, std::function<bool()> may_begin,
                       std::function<task<>(std::size_t)> run) {
  const auto all = std::make_shared<racers>(asio::make_strand(co_await asio::this_coro::executor));
  // Our own handler: that of co_spawn() is told in `turn` and may be gone by then.
  auto slot = (co_await asio::this_coro::cancellation_state).slot();
  if (slot.is_connected()) {
    slot.assign([all](asio::cancellation_type) {
      asio::post(all->turn, [all] {
        all->is_cancelled = true;
        all->changed.cancel();
      });
    });
  }
  auto won = co_await asio::co_spawn(
      all->turn, race_in_turn(all, after, std::move(may_begin), std::move(run)),
      asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
  if (slot.is_connected()) slot.clear();
  co_return won;
}

}  // namespace waitstate::client
