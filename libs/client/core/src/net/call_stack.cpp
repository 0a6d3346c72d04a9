#include "waitstate/client/core/call_stack.h"

#include <fmt/format.h>
#include <boost/stacktrace/stacktrace.hpp>

namespace waitstate::client {
namespace {

constexpr std::size_t frames_max = 32;

}  // namespace

std::shared_ptr<const call_stack> call_stack::capture(std::size_t skipped) {
  auto taken = std::make_shared<call_stack>();
  const boost::stacktrace::stacktrace here(skipped + 1, frames_max);
  taken->frames_.reserve(here.size());
  for (const auto& frame : here) taken->frames_.push_back(frame.address());
  return taken;
}

std::string call_stack::to_text() const {
  std::string text;
  for (const auto* const address : frames_) {
    text +=
        fmt::format("    {}\n", boost::stacktrace::to_string(boost::stacktrace::frame(address)));
  }
  return text;
}

std::shared_ptr<const call_stack> stack_sampler::next() {
  if (every_ == 0 || asked_.fetch_add(1, std::memory_order_relaxed) % every_ != 0) return nullptr;
  return call_stack::capture(1);
}

}  // namespace waitstate::client
