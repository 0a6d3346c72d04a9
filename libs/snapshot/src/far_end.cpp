#include "waitstate/snapshot/far_end.h"

namespace waitstate {

std::string_view to_string(joined_by how) {
  switch (how) {
    case joined_by::addresses: return "the addresses of both ends";
    case joined_by::ports: return "the ports of both ends";
    case joined_by::counts: return "their number";
  }
  return "their number";
}

}  // namespace waitstate
