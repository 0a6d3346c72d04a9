#include "words/captured_text.h"

#include <chrono>

#include <fmt/format.h>

#include "waitstate/base/text.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

bool is_subject(const snapshot& s, const finding& f, const captured_service& c) {
  const bool outbound = f.subject.kind == subject_kind::destination;
  if (outbound) {
    return c.direction == direction::outbound && f.subject.text == s.text_of(c.service);
  }
  const auto colon = f.subject.text.rfind(':');
  return f.subject.kind == subject_kind::listener && c.direction == direction::inbound &&
         colon != std::string::npos &&
         f.subject.text.substr(colon + 1) == std::to_string(c.service.port);
}

}  // namespace

std::vector<evidence> captured_evidence(const snapshot& s, const finding& f) {
  std::vector<evidence> proof;
  for (const auto& c : s.captured) {
    if (!is_subject(s, f, c)) continue;
    const auto source = source_of(s);
    if (c.closed_here + c.closed_there > 0) {
      proof.push_back({.fact = "who closed first",
                       .value = fmt::format(
                           "{} the other side ({} by a reset), {} this one ({} by a "
                           "reset), of {}",
                           grouped(c.closed_there), grouped(c.reset_there), grouped(c.closed_here),
                           grouped(c.reset_here), counted(c.flows, "connection")),
                       .source = source});
    }
    if (c.half_closed_here + c.half_closed_there > 0) {
      proof.push_back(
          {.fact = "half-closed at the end",
           .value = fmt::format("{} not closed here, {} not there, the oldest for {}",
                                grouped(c.half_closed_here), grouped(c.half_closed_there),
                                elapsed(std::chrono::milliseconds(c.half_closed_ms))),
           .source = source});
    }
    break;
  }
  return proof;
}

}  // namespace waitstate::diagnosis
