#include "precedence.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "catalogue.h"

namespace waitstate::diagnosis {
namespace {

/// What becomes of a symptom whose cause is told.
enum class symptom_then : std::uint8_t {
  stays,            ///< It adds something: its own numbers, its own remedies.
  drops,            ///< Not told twice, when both are about the same thing.
  drops_if_milder,  ///< Whatever it is about, when it is less severe than the cause.
};

struct explanation {
  std::string_view cause;
  std::string_view symptom;
  symptom_then then;
};

constexpr std::array explanations{
    explanation{"bind-before-connect", "ephemeral-port-exhaustion", symptom_then::drops_if_milder},
    explanation{"proxy-without-keepalive", "ephemeral-port-exhaustion", symptom_then::drops},
    explanation{"time-wait-never-expires", "ephemeral-port-exhaustion", symptom_then::stays},
    explanation{"fin-wait2-stuck", "ephemeral-port-exhaustion", symptom_then::stays},
    explanation{"leaked-connections", "fd-exhaustion", symptom_then::stays},
    explanation{"ephemeral-port-exhaustion", "short-connections", symptom_then::drops},
    explanation{"proxy-without-keepalive", "short-connections", symptom_then::drops},
    explanation{"listen-port-in-ephemeral-range", "misguided-sysctl", symptom_then::stays},
};

bool about_the_same(const finding& a, const finding& b) {
  return a.subject.kind == b.subject.kind && a.subject.text == b.subject.text &&
         a.subject.net_namespace == b.subject.net_namespace && a.subject.host == b.subject.host;
}

std::size_t rank(const finding& f) {
  // A small range is critical only where it is the one cause that is known.
  const bool only_cause = f.id == "port-range-too-small" && f.severity == severity::critical;
  return only_cause ? 0 : 1 + rank_of(f.id);
}

/// Twice the rank, so that a symptom fits right behind the cause that is told about the same.
std::size_t place_among(const finding& f, const findings& found) {
  auto place = 2 * rank(f);
  for (const auto& e : explanations) {
    if (e.symptom != f.id) continue;
    for (const auto& cause : found) {
      const bool explains =
          cause.id == e.cause && about_the_same(cause, f) && cause.severity == f.severity;
      if (explains) place = std::max(place, 2 * rank(cause) + 1);
    }
  }
  return place;
}

bool is_dropped(const finding& f, const findings& found) {
  return std::ranges::any_of(explanations, [&](const explanation& e) {
    if (e.then == symptom_then::stays || e.symptom != f.id) return false;
    return std::ranges::any_of(found, [&](const finding& other) {
      if (other.id != e.cause) return false;
      if (e.then == symptom_then::drops_if_milder) return other.severity > f.severity;
      return about_the_same(other, f) && other.severity >= f.severity;
    });
  });
}

void raise_causes(findings& found) {
  for (const auto& e : explanations) {
    for (auto& cause : found) {
      if (cause.id != e.cause || cause.severity == severity::info) continue;
      for (const auto& symptom : found) {
        if (symptom.id != e.symptom || !about_the_same(cause, symptom)) continue;
        cause.severity = std::max(cause.severity, symptom.severity);
      }
    }
  }
}

}  // namespace

findings in_order(findings found) {
  raise_causes(found);
  findings kept;
  for (const auto& f : found) {
    if (!is_dropped(f, found)) kept.push_back(f);
  }
  // Rules give their worst first: the position breaks the last ties.
  std::vector<std::pair<std::size_t, std::size_t>> by_rank;
  by_rank.reserve(kept.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    by_rank.emplace_back(place_among(kept[i], kept), i);
  }
  std::ranges::sort(by_rank, [&](const auto& a, const auto& b) {
    const auto severity_a = kept[a.second].severity;
    const auto severity_b = kept[b.second].severity;
    return severity_a != severity_b ? severity_a > severity_b : a < b;
  });
  findings ordered;
  ordered.reserve(kept.size());
  for (const auto& [unused, i] : by_rank) ordered.push_back(std::move(kept[i]));
  return ordered;
}

}  // namespace waitstate::diagnosis
