#include "judgement/leak_or_stale_pool.h"

#include <algorithm>
#include <iterator>

#include "judgement/what_is_shown.h"
#include "waitstate/tcp/service.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// With none open to the same destination, so many are no moment between a FIN and a close().
constexpr std::uint64_t many_at_once = 20;
/// A pool that looks at its connections when it lends them leaves fewer than this behind.
constexpr std::uint64_t many_old = 10;
/// Libraries keep a handful of idle connections to one host; more, with none of them open, is
/// rather a path that loses them.
constexpr std::uint64_t few_to_one_service = 4;

bool is_old_leak(const pile& p) {
  const auto& g = p.close_wait;
  if (g.age.over_a_minute() < many_old) return false;
  return g.count > 2 * p.established.count || g.receive_queue_more >= many_old ||
         g.receive_queue_empty >= many_old;
}

/// A pool at rest loses its connections in one lull. Leases that are lost are lost one by one, so
/// that the oldest is much older than the newest.
bool was_lost_one_by_one(const socket_group& g) {
  constexpr std::uint32_t lull_ms = 300'000;
  if (!g.newest) return false;
  const auto newest = age_of(*g.newest);
  return newest && g.age_max_ms > newest->lower_ms + lull_ms;
}

bool is_live_leak(const snapshot& s, const pile& p) {
  const auto& g = p.close_wait;
  const bool grows = g.count >= many_old && g.count > p.established.count && is_growing(s, g);
  if (grows) return true;
  // A pool that loses its idle connections loses them in a lull; these come all the time.
  if (accumulates(s, g) && g.count > 2 * p.established.count) return true;
  if (is_idle_pool(g) && !was_lost_one_by_one(g)) return false;
  const bool all_lost = g.count >= many_at_once && p.established.count == 0;
  return all_lost || is_old_leak(p);
}

outbound_judgement judge_live(const snapshot& s, const holding& h) {
  const bool leaks =
      std::ranges::any_of(h.piles, [&](const pile& p) { return is_live_leak(s, p); }) ||
      is_live_leak(s, h.total);
  if (leaks) return outbound_judgement::leak;
  const auto& g = h.total.close_wait;
  const bool stands_out_at_once = g.count >= many_old && is_idle_pool(g);
  return stands_out_at_once || g.age.over_a_minute() > 0 ? outbound_judgement::stale_pool
                                                         : outbound_judgement::passing;
}

bool is_web(const tcp::endpoint& e) {
  const auto service = tcp::service_of(e.port);
  return service && service->kind == tcp::service_kind::web;
}

/// Few, to one web service, and nothing says that the program saw the end or has data to read.
bool looks_pooled(const holding& h) {
  const auto& g = h.total.close_wait;
  return g.count <= few_to_one_service && h.piles.size() == 1 && is_web(h.piles.front().endpoint) &&
         g.receive_queue_empty == 0 && g.receive_queue_more == 0;
}

/// As many live ones beside them, and nothing unread but what may be a TLS close alert.
bool is_minority(const holding& h) {
  const auto& g = h.total.close_wait;
  return g.count <= h.total.established.count && g.receive_queue_max <= tls_goodbye_max &&
         g.receive_queue_empty == 0;
}

/// Rows of nothing but CLOSE-WAIT are a sample of what the text speaks of.
bool speaks_of_many(const snapshot& s, const holding& h) {
  constexpr std::uint64_t many = 100;
  return s.statement && s.statement->sockets >= many && !shows_whole_table(s) &&
         h.total.close_wait.count < s.statement->sockets;
}

/// Of a table that nobody filtered: few, all to web services, as each browser has some.
bool is_of_a_browser(const snapshot& s, const holding& h) {
  constexpr std::uint64_t for_each = 4;  // In the table, for one of these.
  const auto& g = h.total.close_wait;
  const auto states = s.states();
  return shows_whole_table(s) && g.count <= few_to_one_service &&
         g.count * for_each <= states.total() && g.receive_queue_max <= tls_goodbye_max &&
         std::ranges::all_of(h.piles, [](const pile& p) { return is_web(p.endpoint); });
}

outbound_judgement judge_pasted(const snapshot& s, const holding& h) {
  const auto& [total, piles] = h;
  if (!stands_out(s, total.close_wait.count, total.established.count, total.is_rows)) {
    return outbound_judgement::passing;
  }
  if (is_growing(s, total.close_wait)) return outbound_judgement::leak;
  // One among others, in a table that was not filtered for it, may be on its way out.
  const bool is_one_of_a_table = total.close_wait.count == 1 && shows_whole_table(s);
  if (is_one_of_a_table) return outbound_judgement::passing;
  if (speaks_of_many(s, h)) return outbound_judgement::leak;
  if (is_of_a_browser(s, h)) return outbound_judgement::passing;
  const bool is_few = total.close_wait.count < many_old;
  // Where somebody filtered for them, they are what that person worries about.
  const bool is_leftover = said_goodbye(total.close_wait) && shows_whole_table(s);
  if (is_few && (is_minority(h) || is_leftover)) return outbound_judgement::stale_pool;
  return looks_pooled(h) ? outbound_judgement::stale_pool : outbound_judgement::leak;
}

/// As people set the limit of a pool: tens below a hundred, fifties above, and multiples of 32
/// and 64.
bool is_round(std::uint64_t count) {
  if (count < many_at_once) return false;
  if (count < 100) return count % 10 == 0 || count % 32 == 0;
  return count % 50 == 0 || count % 64 == 0;
}

/// A paste is what a person found worth showing. Live, a pool at rest looks the same for a moment:
/// the number has to be the same in two looks, and most of them over a minute old.
bool stands_still(const snapshot& s, const socket_group& g) {
  const bool unchanged = g.growth_per_second.value_or(0) == 0;
  if (s.source == source_kind::pasted) return unchanged || !s.interval;
  return s.interval && unchanged && g.age.over_a_minute() * 2 >= g.count;
}

}  // namespace

bool is_idle_pool(const socket_group& g) {
  // Servers that look around now and then for what is idle are a second late at most.
  constexpr std::uint32_t sweep_ms = 1'000;
  // No server gives up an idle connection sooner than after a second,
  constexpr std::uint32_t idle_min_ms = 1'000;
  // and those that look by the tenth of their time-out are late by that much.
  constexpr std::uint32_t idle_parts = 10;
  const bool only_the_fin = g.count > 0 && g.idle_before_fin == g.count;
  if (!only_the_fin || g.idle_before_fin_min_ms < idle_min_ms) return false;
  return g.idle_before_fin_max_ms - g.idle_before_fin_min_ms <=
         std::max(sweep_ms, g.idle_before_fin_min_ms / idle_parts);
}

bool said_goodbye(const socket_group& g) {
  // A record of two bytes: 24 with its heading and tag in TLS 1.3; of 1.2 and before 23 with
  // ChaCha20, 27 with RC4, 31 with AES-GCM, 37, 53 and 69 with AES-CBC and SHA-1 or SHA-256.
  constexpr std::uint64_t alerts[] = {23, 24, 27, 31, 37, 53, 69};
  const bool are_equal = g.count > 0 && g.receive_queue_more == g.count &&
                         g.receive_queue_bytes == g.receive_queue_max * g.count;
  return are_equal && std::ranges::find(alerts, g.receive_queue_max - 1) != std::end(alerts);
}

outbound_judgement judge_outbound(const snapshot& s, const holding& h) {
  return s.source == source_kind::live ? judge_live(s, h) : judge_pasted(s, h);
}

const pile* pool_at_limit(const snapshot& s, const holding& h) {
  const bool shows_established =
      s.source == source_kind::live || s.states().of(tcp::state::established) > 0;
  if (!shows_established) return nullptr;
  const auto found = std::ranges::find_if(h.piles, [&](const pile& p) {
    return p.endpoint.address.is_known() && p.established.count == 0 &&
           is_round(p.close_wait.count) && stands_still(s, p.close_wait);
  });
  return found == h.piles.end() ? nullptr : &*found;
}

}  // namespace waitstate::diagnosis
