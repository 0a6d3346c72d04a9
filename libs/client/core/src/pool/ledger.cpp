#include "waitstate/client/core/ledger.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "pool/ledger_entry.h"
#include "waitstate/base/text.h"
#include "waitstate/client/core/connection.h"

namespace waitstate::client {
namespace {

std::string text(duration d) {
  return elapsed(std::chrono::duration_cast<std::chrono::milliseconds>(d));
}

}  // namespace

ledger_entry entry_of(const endpoint& to, const lease_record& record, time_point now) {
  const auto& what = static_cast<const connection&>(*record.what);
  return {.id = record.id,
          .to = to,
          .out_for = now - record.leased_at,
          .last_byte_ago = now - std::max(what.last_byte(), record.leased_at),
          .peer_closed = what.has_peer_closed(),
          .where = record.where,
          .stack = record.stack};
}

std::string to_string(const ledger_entry& e) {
  return fmt::format("{} lease {}/{} out for {}, last byte {} ago{}: {}:{} {}{}{}", to_string(e.to),
                     e.id.slot, e.id.generation, text(e.out_for), text(e.last_byte_ago),
                     e.peer_closed ? ", the peer has closed" : "", e.where.file_name(),
                     e.where.line(), e.where.function_name(), e.stack ? "\n" : "",
                     e.stack ? e.stack->to_text() : std::string());
}

}  // namespace waitstate::client
