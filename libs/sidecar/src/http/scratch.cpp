#include "http/scratch.h"

#include <utility>

namespace waitstate::sidecar {

scratch_list::lent scratch_list::lend() {
  if (free_.empty()) return {std::make_unique_for_overwrite<scratch>().release(), {this}};
  auto last = std::move(free_.back());
  free_.pop_back();
  return {last.release(), {this}};
}

void scratch_list::give_back(scratch* what) {
  std::unique_ptr<scratch> owned(what);
  if (free_.size() >= kept_max) return;
  owned->request.clear();
  owned->response.clear();
  if (owned->request.capacity() > text_kept_max) owned->request.shrink_to_fit();
  free_.push_back(std::move(owned));
}

}  // namespace waitstate::sidecar
