#include "reading/told_story.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "messages/failure.h"
#include "messages/socket_call.h"
#include "messages/told_trouble.h"
#include "text/sentences.h"
#include "text/words.h"

namespace waitstate::paste {
namespace {

/// People say it in two sentences, or three.
constexpr std::size_t sentences_max = 3;
constexpr std::size_t sentence_max = 400;
constexpr std::size_t shown_max = 160;
constexpr std::size_t lines_max = 2'000;  // A longer text is a log.
constexpr int enough = 1'000;             // Words of clients and servers beyond it change nothing.

bool is_told_already(const snapshot& s, message_kind kind) {
  return std::ranges::any_of(s.messages, [&](const message& m) { return m.kind == kind; });
}

/// "Only one usage of each socket address ...": Windows says so of a bind() and of a connect() for
/// which no port is left, and this line names neither.
bool is_without_call(const message& m) {
  const auto l = lower(m.text);
  return m.kind == message_kind::address_in_use_on_listen && !m.endpoint &&
         is_worded_by_windows(l) && call_of(l) == socket_call::unknown;
}

}  // namespace

void told_story::hear(std::string_view line) {
  const auto text = trimmed(line);
  if (text.empty()) {
    passage_.clear();
    return;
  }
  if (lines_ >= lines_max) return;
  ++lines_;
  const auto plain = plain_passage(text.substr(0, sentence_max));
  is_of_witness_ = is_of_witness_ || is_of_a_witness(plain);
  tells_idle_close_ = tells_idle_close_ || tells_of_idle_close(plain);
  clients_ = std::clamp(clients_ + clients_told(plain), -enough, enough);
  for_each_sentence(text, [&](std::string_view sentence) {
    const auto said = trimmed(sentence);
    if (said.empty()) return;
    passage_.emplace_back(said.substr(0, sentence_max));
    if (passage_.size() > sentences_max) passage_.pop_front();
    judge();
  });
}

void told_story::judge() {
  std::string passage;
  for (const auto& sentence : passage_) passage.append(sentence).append(". ");
  const auto plain = plain_passage(passage);
  tells_idle_close_ = tells_idle_close_ || tells_of_idle_close(plain);
  const auto kind = told_trouble(plain);
  const auto is_it = [&](const trouble& t) { return t.kind == kind; };
  if (!kind || std::ranges::any_of(troubles_, is_it)) return;
  troubles_.push_back({.kind = *kind, .text = passage_.back().substr(0, shown_max)});
}

void told_story::settle(snapshot& s) const {
  for (auto& m : s.messages) {
    if (m.kind == message_kind::connection_reset && tells_idle_close_) {
      m.kind = message_kind::stale_connection;
    }
    if (clients_ > 0 && is_without_call(m)) m.kind = message_kind::address_not_available;
  }
  if (!is_of_witness_) return;
  for (const auto& [kind, text] : troubles_) {
    if (is_told_already(s, kind)) continue;
    s.messages.push_back({.kind = kind, .text = text, .endpoint = {}, .program = {}, .queued = {}});
  }
}

}  // namespace waitstate::paste
