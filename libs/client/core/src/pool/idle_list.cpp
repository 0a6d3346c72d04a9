#include "pool/idle_list.h"

namespace waitstate::client {

void idle_list::put(std::uint32_t at, time_point since) {
  auto older = newest_;
  auto newer = none;
  while (older != none && links_[older].since > since) {
    newer = older;
    older = links_[older].older;
  }
  links_[at] = {.newer = newer, .older = older, .since = since};
  (older == none ? oldest_ : links_[older].newer) = at;
  (newer == none ? newest_ : links_[newer].older) = at;
  ++size_;
}

void idle_list::take(std::uint32_t at) {
  auto& l = links_[at];
  (l.newer == none ? newest_ : links_[l.newer].older) = l.older;
  (l.older == none ? oldest_ : links_[l.older].newer) = l.newer;
  l.newer = none;
  l.older = none;
  --size_;
}

}  // namespace waitstate::client
