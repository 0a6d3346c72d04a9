#include "waitstate/client/core/lease.h"

#include <utility>

#include "waitstate/client/core/pool.h"

namespace waitstate::client {

lease::lease(std::shared_ptr<pool> from, lease_id id, connection_ptr what, bool reused)
    : from_(std::move(from)), id_(id), what_(std::move(what)), reused_(reused) {}

lease::~lease() {
  give_back();
}

lease::lease(lease&& other) noexcept
    : from_(std::move(other.from_)),
      id_(other.id_),
      what_(std::move(other.what_)),
      reusable_(other.reusable_),
      reused_(other.reused_) {}

lease& lease::operator=(lease&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  from_ = std::move(other.from_);
  id_ = other.id_;
  what_ = std::move(other.what_);
  reusable_ = other.reusable_;
  reused_ = other.reused_;
  return *this;
}

bool lease::is_reclaimed() const {
  return from_ && !from_->is_current(id_);
}

void lease::give_back() {
  if (what_) give_back(clock::now());
}

void lease::give_back(time_point now) {
  if (!what_) return;
  from_->give_back(id_, what_, reusable_, now);
  what_.reset();
  from_.reset();
}

}  // namespace waitstate::client
