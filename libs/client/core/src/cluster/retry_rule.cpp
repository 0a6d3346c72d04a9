#include "cluster/retry_rule.h"

#include <cassert>

namespace waitstate::client {

std::string_view to_string(retry_verdict v) {
  switch (v) {
    case retry_verdict::retry: return "retry";
    case retry_verdict::too_many_attempts: return "too many attempts";
    case retry_verdict::past_deadline: return "past the deadline";
    case retry_verdict::answered: return "a part of the answer was there";
    case retry_verdict::not_replayable: return "the request cannot be sent again";
    case retry_verdict::not_idempotent: return "the server may have done it";
    case retry_verdict::new_connection: return "it failed on a new connection";
  }
  assert(false && "unknown verdict");
  return {};
}

retry_verdict decide_retry(const attempt_facts& facts, const retry_settings& settings,
                           time_point deadline, time_point now) {
  if (facts.attempt >= settings.attempts_max) return retry_verdict::too_many_attempts;
  if (now >= deadline) return retry_verdict::past_deadline;
  if (!facts.replayable) return retry_verdict::not_replayable;
  if (facts.refused) return retry_verdict::retry;
  if (facts.response_byte_seen) return retry_verdict::answered;
  if (facts.bytes_written && !facts.idempotent) return retry_verdict::not_idempotent;
  if (!facts.reused && !facts.elsewhere) return retry_verdict::new_connection;
  return retry_verdict::retry;
}

}  // namespace waitstate::client
