#include "picture.h"

namespace waitstate::diagnosis {

picture::picture(const snapshot& seen, const std::vector<watched_queue>& watched)
    : s(seen),
      ports(seen),
      headrooms(headrooms_of(seen, ports)),
      uses(uses_of(seen, headrooms, ports)),
      time_wait(time_wait_of(seen)),
      unplaced_time_wait(unplaced_time_wait_of(seen)),
      shows_owners(diagnosis::shows_owners(seen)),
      outbound(holdings_of(seen, direction::outbound)),
      inbound(piles_of(seen, direction::inbound)),
      stuck_ports(stuck_ports_of(seen, watched)),
      unread_loads(unread_loads_of(seen)),
      growth(steady_growth_of(seen)),
      undirected(undirected_of(seen, stuck_ports, growth)) {}

}  // namespace waitstate::diagnosis
