#include "judgement/followed_use.h"

#include <map>

namespace waitstate::diagnosis {
namespace {

double per_second(std::uint64_t count, std::chrono::milliseconds time) {
  if (time.count() <= 0) return 0;
  return static_cast<double>(count) * 1000.0 / static_cast<double>(time.count());
}

owner_ref owner_of(std::uint32_t process) {
  return {.kind = ownership::owned, .process = process};
}

void add_parties(followed_use& use, std::map<std::uint32_t, std::uint64_t>& closed_by,
                 std::map<std::uint32_t, followed_flow>& opened_by, const followed_flow& flow) {
  if (flow.closer) closed_by[*flow.closer] += flow.ended;
  if (!flow.opener) return;
  auto& opener = opened_by[*flow.opener];
  opener.merge(flow);
  if (!flow.started.empty()) opener.started = flow.started;
  if (opener.opened > use.opened_by_it) {
    use.opened_by_it = opener.opened;
    use.opener = owner_of(*flow.opener);
    use.started = opener.started;
    use.programs = opener.programs;
  }
}

}  // namespace

double followed_use::opened_per_second() const {
  return per_second(total.opened, watched);
}

double followed_use::ended_per_second() const {
  return per_second(total.ended, watched);
}

std::optional<followed_use> followed_at(const snapshot& s, std::uint32_t net_namespace,
                                        direction side, const tcp::endpoint& end) {
  if (!s.followed || end == tcp::endpoint{}) return std::nullopt;
  followed_use use{.watched = s.followed->watched, .total = {}, .started = {}};
  std::map<std::uint32_t, followed_flow> opened_by;
  std::map<std::uint32_t, std::uint64_t> closed_by;
  for (const auto& flow : s.followed->flows) {
    const bool is_end = end.address.is_known() ? flow.end == end : flow.end.port == end.port;
    if (flow.net_namespace != net_namespace || flow.direction != side || !is_end) continue;
    use.total.merge(flow);
    add_parties(use, closed_by, opened_by, flow);
  }
  if (use.total.opened + use.total.ended == 0) return std::nullopt;
  for (const auto& [process, count] : closed_by) {
    if (count <= use.closed_by_it) continue;
    use.closed_by_it = count;
    use.closer = owner_of(process);
  }
  use.total.net_namespace = net_namespace;
  use.total.direction = side;
  use.total.end = end;
  return use;
}

}  // namespace waitstate::diagnosis
