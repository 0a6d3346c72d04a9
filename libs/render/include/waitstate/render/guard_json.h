#pragma once

#include <chrono>
#include <string>

#include "waitstate/base/error.h"
#include "waitstate/remedy/guard/judgement.h"
#include "waitstate/remedy/guard/perform.h"
#include "waitstate/remedy/guard/policy.h"

namespace waitstate::render {

/// What a guard tells, each an object on one line; docs/fix.md has the fields.
class guard_json {
 public:
  using time_point = std::chrono::system_clock::time_point;

  explicit guard_json(time_point at) : at_(at) {}

  [[nodiscard]] std::string line(const remedy::guard::notice& n) const;
  [[nodiscard]] std::string line(const remedy::guard::policy& p, const remedy::guard::deed& d,
                                 const remedy::guard::deed_outcome& became) const;
  /// Of a dry run.
  [[nodiscard]] std::string line(const remedy::guard::policy& p,
                                 const remedy::guard::deed& d) const;
  [[nodiscard]] std::string line(const std::string& rule, const error& trouble) const;

 private:
  time_point at_;
};

/// A policy as it was understood, one object; docs/fix.md has the fields.
[[nodiscard]] std::string to_json(const remedy::guard::policy& p, const std::string& path);

}  // namespace waitstate::render
