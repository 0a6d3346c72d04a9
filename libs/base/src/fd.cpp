#include "waitstate/base/fd.h"

#include <unistd.h>

#include <utility>

namespace waitstate {

fd::fd(int number) : number_(number < 0 ? -1 : number) {}

fd::~fd() {
  if (number_ >= 0) ::close(number_);
}

fd::fd(fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

fd& fd::operator=(fd&& other) noexcept {
  fd taken(std::move(other));
  std::swap(number_, taken.number_);
  return *this;
}

int fd::release() {
  return std::exchange(number_, -1);
}

}  // namespace waitstate
