#include "tune/situation.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "waitstate/procfs/text.h"

namespace waitstate::remedy {

std::optional<std::string> situation::value(std::string_view key) const {
  const auto of_namespace = ns.sysctls.find(key);
  if (of_namespace != ns.sysctls.end()) return procfs::one_blank_apart(of_namespace->second);
  const auto of_host = s.host.sysctls.find(key);
  if (of_host != s.host.sysctls.end()) return procfs::one_blank_apart(of_host->second);
  return std::nullopt;
}

std::optional<std::int64_t> situation::number(std::string_view key) const {
  const auto text = value(key);
  if (!text) return std::nullopt;
  std::int64_t number = 0;
  const auto* const end = text->data() + text->size();
  const auto [rest, status] = std::from_chars(text->data(), end, number);
  if (status != std::errc() || rest != end) return std::nullopt;
  return number;
}

bool situation::has(std::string_view key) const {
  if (value(key)) return true;
  // Live all that there are were read.
  if (s.source == source_kind::live && !ns.sysctls.empty()) return false;
  const auto setting = setting_named(key);
  return setting && is_in(**setting, release);
}

std::uint64_t situation::taken_in_time_wait() const {
  std::uint64_t total = 0;
  for (const auto& r : roles) total += r.taken.time_wait;
  return total;
}

std::uint64_t situation::made_in_time_wait() const {
  std::uint64_t total = 0;
  for (const auto& r : roles) total += r.made.time_wait;
  return total;
}

std::uint64_t situation::ownerless_fin_wait_2() const {
  std::uint64_t total = 0;
  for (const auto& r : roles) total += r.taken.fin_wait_2 + r.made.fin_wait_2;
  return total;
}

tcp::port_set situation::listening_in(tcp::port_range range) const {
  const auto reserved = ns.reserved_ports();
  tcp::port_set ports;
  for (const auto& l : s.listeners) {
    const auto port = l.local.port;
    const bool is_free = range.contains(port) && !reserved.contains(port);
    if (l.net_namespace == 0 && is_free) ports.insert(port);
  }
  return ports;
}

const seen_role* situation::short_of_ports() const {
  const seen_role* found = nullptr;
  std::uint64_t least = 0;
  for (const auto& r : roles) {
    if (is_said && r.role != host_role::web_server) return &r;
    if (!r.tightest || !is_short(*r.tightest)) continue;
    if (found != nullptr && r.tightest->free >= least) continue;
    found = &r;
    least = r.tightest->free;
  }
  return found;
}

bool is_short(const diagnosis::port_headroom& h) {
  constexpr std::uint64_t part_of_ports = 4;
  const auto held = h.time_wait - std::min(h.time_wait, h.reusable);
  return held * part_of_ports >= h.supply.usable() || h.is_exhausted() ||
         h.exhausted_in.has_value();
}

std::optional<planned_setting> change_to(const situation& now, std::string_view key,
                                         std::string value, std::string why) {
  const auto setting = setting_named(key);
  if (!setting || !now.has(key)) return std::nullopt;
  auto is = now.value(key);
  if (is == value) return std::nullopt;
  return planned_setting{.key = std::string(key),
                         .now = std::move(is),
                         .value = std::move(value),
                         .why = std::move(why),
                         .risk = std::string((*setting)->risk)};
}

}  // namespace waitstate::remedy
