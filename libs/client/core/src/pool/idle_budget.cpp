#include "waitstate/client/core/idle_budget.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace waitstate::client {
namespace {

using namespace std::chrono_literals;

constexpr duration one_occasion = 1s;  // closes this close together may have one cause
constexpr duration believed_for = 10min;
constexpr int occasions_needed = 3;
/// Below it a close is more likely to be due to the connection's age, or to luck, than to a limit.
constexpr duration shortest_limit = 500ms;

bool is_about(duration a, duration b) {
  const auto [low, high] = std::minmax(a, b);
  return high - low <= std::max(high / 10, duration(100ms));
}

/// 0.8 of the peer's limit, so that a request still arrives before it.
duration undercut(duration limit) {
  return std::max<duration>(limit / 5 * 4, 1ms);
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_timeout(std::string_view name) {
  return std::ranges::equal(name, std::string_view("timeout"), {}, lower);
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

void idle_budget::peer_closed(duration idle, time_point now) {
  if (idle < shortest_limit) return;
  auto& last = seen_[(next_ + seen_.size() - 1) % seen_.size()];
  if (last.is_known && now - last.at < one_occasion) {
    last.idle = std::min(last.idle, idle);
    return;
  }
  seen_[next_] = {.idle = idle, .at = now, .is_known = true};
  next_ = (next_ + 1) % seen_.size();
}

void idle_budget::stated(duration limit) {
  if (limit.count() > 0) stated_ = limit;
}

std::optional<duration> idle_budget::limit(time_point now) const {
  const auto learned = observed(now);
  if (learned && stated_) return undercut(std::min(*learned, *stated_));
  if (learned || stated_) return undercut(learned ? *learned : *stated_);
  return std::nullopt;
}

std::optional<duration> idle_budget::observed(time_point now) const {
  std::optional<duration> least;
  for (const auto& first : seen_) {
    if (!first.is_known || now - first.at > believed_for) continue;
    const auto agree = std::ranges::count_if(seen_, [&](const occasion& other) {
      return other.is_known && now - other.at <= believed_for && is_about(first.idle, other.idle);
    });
    if (agree >= occasions_needed && (!least || first.idle < *least)) least = first.idle;
  }
  return least;
}

std::optional<std::chrono::seconds> keep_alive_timeout(std::string_view header_value) {
  while (!header_value.empty()) {
    const auto comma = std::min(header_value.find(','), header_value.size());
    const auto part = header_value.substr(0, comma);
    header_value.remove_prefix(std::min(comma + 1, header_value.size()));
    const auto equals = part.find('=');
    if (equals == part.npos || !is_timeout(trimmed(part.substr(0, equals)))) continue;
    auto value = trimmed(part.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    std::uint32_t seconds = 0;
    const char* const end = value.data() + value.size();
    const auto [rest, status] = std::from_chars(value.data(), end, seconds);
    if (status == std::errc{} && rest == end && seconds > 0) return std::chrono::seconds(seconds);
  }
  return std::nullopt;
}

}  // namespace waitstate::client
