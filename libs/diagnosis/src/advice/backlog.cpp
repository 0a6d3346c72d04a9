#include "advice/backlog.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "advice/runtime_advice.h"
#include "advice/settings.h"
#include "advice/system.h"
#include "words/finding_text.h"

namespace waitstate::diagnosis {
namespace {

std::string line(std::string_view who, runtime r) {
  return fmt::format("{:<9} {}\n", fmt::format("{}:", who), advice_for(r).backlog);
}

/// The runtime's own way, or those of the servers that are met most.
std::string ways_to_ask(runtime r) {
  if (r != runtime::unknown) return line(to_string(r), r);
  using named = std::pair<std::string_view, runtime>;
  constexpr std::array met_most{named{"nginx", runtime::nginx}, named{"HAProxy", runtime::haproxy},
                                named{"Apache", runtime::apache},
                                named{"others", runtime::unknown}};
  std::string list;
  for (const auto& [who, kind] : met_most) list += line(who, kind);
  return list;
}

/// A round number over the queue that was seen full, and no less than what is usual.
std::uint64_t longer_than(std::uint64_t seen_full, std::uint64_t usual) {
  constexpr std::uint64_t most = 65'535;  // what older kernels keep in 16 bits
  return seen_full < usual ? usual : std::min(std::bit_ceil(std::min(seen_full, most)), most);
}

}  // namespace

std::vector<remedy> listen_longer(const snapshot& s, std::uint32_t net_namespace,
                                  const owner_ref& owner, std::uint64_t seen_full) {
  if (system_of(s) != os_family::linux_kernel) {
    return {longer_queue_elsewhere(longer_than(seen_full, 1024))};
  }
  return {
      {.text = "Ask for a longer queue in the program: the kernel takes the smaller of that and "
               "net.core.somaxconn, at the time of listen()",
       .command = ways_to_ask(runtime_of_owner(s, owner)) +
                  "# then restart it and look: Send-Q of the listener is its backlog\n"
                  "ss -tln\n",
       .risk = "a longer queue hides a program that is too slow for a little longer"},
      sysctl_remedy(s, {.net_namespace = net_namespace,
                        .key = "net.core.somaxconn",
                        .value = std::to_string(longer_than(seen_full, 4096)),
                        .text = "Let the kernel allow it",
                        .risk = {}})};
}

}  // namespace waitstate::diagnosis
