#include "front/opening_reasons.h"

#include <algorithm>

namespace waitstate::sidecar {

std::string_view to_string(opening_reason r) {
  switch (r) {
    case opening_reason::first: return "first";
    case opening_reason::pool_empty: return "pool_empty";
    case opening_reason::irregular: return "irregular";
    case opening_reason::server_closed: return "server_closed";
    case opening_reason::our_limit: return "our_limit";
  }
  return "first";
}

void opening_reasons::update(const pool_totals& now) {
  owed_irregular_ += now.irregular - before_.irregular;
  owed_by_server_ += now.closed_by_server - before_.closed_by_server;
  // Between two looks a close may be counted before the reason for it is, or after.
  const auto by_us = now.closed_by_us - before_.closed_by_us;
  owed_by_us_ += by_us - std::min(by_us, now.irregular - before_.irregular);

  auto left = now.opened - before_.opened;
  const auto pay = [&](std::uint64_t& owed, opening_reason r) {
    const auto paid = std::min(owed, left);
    owed -= paid;
    left -= paid;
    add(r, paid);
  };
  if (before_.opened == 0 && left > 0) {
    add(opening_reason::first, 1);
    --left;
  }
  pay(owed_irregular_, opening_reason::irregular);
  pay(owed_by_server_, opening_reason::server_closed);
  pay(owed_by_us_, opening_reason::our_limit);
  add(opening_reason::pool_empty, left);
  before_ = now;
}

}  // namespace waitstate::sidecar
