#include "words/followed_text.h"

#include <fmt/format.h>

#include "waitstate/base/text.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

constexpr const char* source = "followed in the kernel";

std::string opener_words(const snapshot& s, const followed_use& use) {
  auto who = owner_text(s, use.opener);
  if (use.started.empty()) return who;
  return fmt::format("{}, which {} starts again and again", use.started, who);
}

std::string life_text(std::uint64_t below_us) {
  if (below_us < 1000) return fmt::format("{} us", below_us);
  return elapsed(std::chrono::milliseconds((below_us + 999) / 1000));
}

evidence opened_evidence(const snapshot& s, const followed_use& use) {
  auto text = fmt::format("{} opened {} within {}", opener_words(s, use),
                          counted(use.opened_by_it, "connection"), elapsed(use.watched));
  const auto others = use.total.opened - use.opened_by_it;
  if (others > 0) text += fmt::format(", others {}", grouped(others));
  text += fmt::format(": {} a second", rate(use.opened_per_second()));
  return {"who connects there", std::move(text), source};
}

evidence closed_evidence(const snapshot& s, const followed_use& use) {
  const auto& total = use.total;
  const auto who = owner_text(s, use.closer);
  auto text = fmt::format("this side {}, the other {}, of {}", grouped(total.closed_here_first),
                          grouped(total.closed_by_peer_first), grouped(total.ended));
  if (!who.empty()) text += fmt::format("; here {} closed {}", who, grouped(use.closed_by_it));
  if (total.resets > 0) text += fmt::format("; {} ended by a reset", grouped(total.resets));
  return {"who closed first", std::move(text), source};
}

}  // namespace

std::vector<evidence> followed_evidence(const snapshot& s, const followed_use& use) {
  std::vector<evidence> facts;
  const auto& total = use.total;
  if (use.opener.kind == ownership::owned) facts.push_back(opened_evidence(s, use));
  if (total.ended == 0) return facts;
  facts.push_back(closed_evidence(s, use));
  const auto life = total.lives_us.half_below();
  if (life) {
    facts.push_back({"how long one lives", "half of them less than " + life_text(*life), source});
  }
  if (const auto size = total.sizes.half_below()) {
    facts.push_back({"what one carries",
                     fmt::format("half of them less than {}, {} on average", bytes(*size),
                                 bytes((total.bytes_sent + total.bytes_received) / total.ended)),
                     source});
  }
  return facts;
}

std::string followed_opener_text(const snapshot& s, const followed_use& use) {
  if (use.opener.kind != ownership::owned) return {};
  auto text = ", opened by " + opener_words(s, use);
  const bool is_other = use.closer.kind == ownership::owned && use.closer != use.opener;
  // One of several workers that closes a few is no other.
  if (is_other && use.closed_by_it * 2 > use.total.ended) {
    text += " and closed by " + owner_text(s, use.closer);
  }
  return text;
}

}  // namespace waitstate::diagnosis
