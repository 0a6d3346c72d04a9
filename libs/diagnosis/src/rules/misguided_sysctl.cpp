#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "advice/ports.h"
#include "advice/settings.h"
#include "judgement/destination_use.h"
#include "judgement/near_limit.h"
#include "judgement/time_wait_buckets.h"
#include "rules/rules.h"
#include "waitstate/base/text.h"
#include "waitstate/diagnosis/port_headroom.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

/// One setting that does not do what people set it for.
struct misguided {
  std::string_view key;
  std::string value;
  std::string why;
  std::string set_back;  ///< The value to set.
  bool harmful = false;  ///< It does harm here, now.
};

using check = std::optional<misguided> (*)(const picture&, std::uint32_t ns);

std::int64_t value_of(const snapshot& s, std::uint32_t ns, std::string_view key,
                      std::int64_t when_unseen) {
  return s.namespaces[ns].sysctl(key).value_or(when_unseen);
}

misguided found_at(const snapshot& s, std::uint32_t ns, std::string_view key) {
  return {.key = key, .value = setting_text(s, ns, key)};
}

/// With timestamps on it drops SYNs: that is nat-tw-recycle's to say.
std::optional<misguided> recycle(const picture& seen, std::uint32_t ns) {
  const auto& s = seen.s;
  constexpr std::string_view key = "net.ipv4.tcp_tw_recycle";
  const bool harms = value_of(s, ns, "net.ipv4.tcp_timestamps", 1) != 0;
  if (value_of(s, ns, key, 0) == 0 || harms) return std::nullopt;
  auto m = found_at(s, ns, key);
  m.why = "does nothing without timestamps, and with them drops clients behind a NAT";
  m.set_back = "0";
  return m;
}

std::optional<misguided> fin_timeout(const picture& seen, std::uint32_t ns) {
  const auto& s = seen.s;
  constexpr std::string_view key = "net.ipv4.tcp_fin_timeout";
  constexpr std::int64_t by_default = 60;  // TCP_FIN_TIMEOUT of include/net/tcp.h
  if (value_of(s, ns, key, by_default) >= by_default) return std::nullopt;
  auto m = found_at(s, ns, key);
  m.why = "is for ownerless FIN-WAIT-2 only: TIME-WAIT lasts 60 s whatever it says";
  m.set_back = "60";
  return m;
}

std::optional<misguided> few_buckets(const picture& seen, std::uint32_t ns) {
  const auto& s = seen.s;
  constexpr std::string_view key = "net.ipv4.tcp_max_tw_buckets";
  // The kernel's own is one for 256 KiB of memory (half of the places of tcp_hashinfo.ehash): this
  // on a host of 4 GiB.
  constexpr std::int64_t low = 16'384;
  const auto most = value_of(s, ns, key, low);
  if (most >= low || most < 0) return std::nullopt;
  auto m = found_at(s, ns, key);
  m.why =
      "looks lowered: past it connections close without TIME-WAIT's protection, and no port "
      "is gained";
  m.set_back = fmt::format("{}", time_wait_buckets_wanted(s.namespaces[ns]));
  const auto use = bucket_use_of(s, ns);
  m.harmful = most == 0 || is_near_limit(use.in_use, static_cast<std::uint64_t>(most));
  // time-wait-bucket-overflow sets the limit then, and says it as loudly.
  const auto told = severity_of_overflow(use);
  if (told && *told >= (m.harmful ? severity::warning : severity::info)) return std::nullopt;
  return m;
}

std::optional<misguided> reuse_without_timestamps(const picture& seen, std::uint32_t ns) {
  const auto& s = seen.s;
  const auto& reuse = seen.ports.reuse(ns);
  if (!reuse.without_timestamps || reuse.setting != 1) return std::nullopt;
  auto m = found_at(s, ns, "net.ipv4.tcp_tw_reuse");
  m.why = "does nothing while tcp_timestamps is 0";
  m.set_back = "2";
  return m;
}

std::optional<misguided> no_timestamps(const picture& seen, std::uint32_t ns) {
  const auto& s = seen.s;
  constexpr std::string_view key = "net.ipv4.tcp_timestamps";
  if (value_of(s, ns, key, 1) != 0) return std::nullopt;
  auto m = found_at(s, ns, key);
  m.why =
      "turns off the protection against old segments, and with it tcp_tw_reuse; fast "
      "connections need it";
  m.set_back = "1";
  return m;
}

std::optional<misguided> range_over_listeners(const picture& seen, std::uint32_t ns) {
  const auto& s = seen.s;
  // Where most services listen, and where the range begins on every system's default.
  constexpr std::uint16_t services_begin_below = 10'000;
  constexpr std::uint16_t usual_low = 32'768;
  const auto& supply = seen.ports.supply(ns);
  if (supply.range_assumed || system_of(s) != os_family::linux_kernel) return std::nullopt;
  if (supply.range.low >= services_begin_below) return std::nullopt;
  const auto reserved = s.namespaces[ns].reserved_ports();
  std::uint64_t over = 0;
  for (const auto& l : s.listeners) {
    const auto port = l.local.port;
    const bool in_danger =
        supply.range.contains(port) && port < usual_low && !reserved.contains(port);
    if (l.net_namespace == ns && in_danger) ++over;
  }
  auto m = found_at(s, ns, "net.ipv4.ip_local_port_range");
  m.why = over == 0
              ? "begins where services listen: connect() may take the port of one that restarts"
              : fmt::format(
                    "covers {} that {} not reserved: connect() may take the port "
                    "while the service restarts",
                    counted(over, "listener"), over == 1 ? "is" : "are");
  m.set_back = "10240 65535";
  m.harmful = over > 0;
  return m;
}

finding make(const snapshot& s, std::uint32_t ns, const std::vector<misguided>& settings) {
  bool harmful = false;
  std::vector<std::string> keys;
  keys.reserve(settings.size());
  for (const auto& m : settings) {
    harmful = harmful || m.harmful;
    keys.push_back(fmt::format("{} = {}", m.key.substr(m.key.rfind('.') + 1), m.value));
  }
  finding f{.id = "misguided-sysctl",
            .severity = harmful ? severity::warning : severity::info,
            .title = fmt::format("{} {}", listed(keys),
                                 harmful                ? "does harm here"
                                 : settings.size() == 1 ? "does not help against TIME-WAIT"
                                                        : "do not help against TIME-WAIT"),
            .subject = namespace_subject(s, ns)};
  for (const auto& m : settings) {
    f.evidence.push_back(setting_evidence(m.key, m.value + ": " + m.why));
    f.remedies.push_back(
        sysctl_remedy(s, {.net_namespace = ns,
                          .key = m.key,
                          .value = m.set_back,
                          .text = fmt::format("Set {} back, also in /etc/sysctl.d", m.key),
                          .risk = {}}));
  }
  f.cause =
      "Much advice about TIME-WAIT sets these. TIME-WAIT itself is not the trouble; ports run "
      "out when connections are not used again. Never worth it: tcp_tw_recycle, a lowered "
      "tcp_max_tw_buckets, tcp_fin_timeout for TIME-WAIT, linger 0 on live data.";
  return f;
}

}  // namespace

findings misguided_sysctl(const picture& seen) {
  const auto& s = seen.s;
  constexpr check checks[]{recycle,       fin_timeout,
                           few_buckets,   reuse_without_timestamps,
                           no_timestamps, range_over_listeners};
  findings found;
  for (std::uint32_t ns = 0; ns < s.namespaces.size(); ++ns) {
    std::vector<misguided> settings;
    for (const auto told : checks) {
      if (auto m = told(seen, ns)) settings.push_back(std::move(*m));
    }
    if (!settings.empty()) found.push_back(make(s, ns, settings));
    if (found.size() == findings_max) break;
  }
  return found;
}

}  // namespace waitstate::diagnosis
