#pragma once

#include <string>

#include "waitstate/base/error.h"
#include "waitstate/remedy/guard/judgement.h"
#include "waitstate/remedy/guard/perform.h"
#include "waitstate/remedy/guard/policy.h"

namespace waitstate::render {

/// What a guard tells, each a line without an end of its own, safe for a terminal and a log:
/// "leaked-leases begins: java (pid 812) holds 52 sockets ...".
[[nodiscard]] std::string to_line(const remedy::guard::policy& p, const remedy::guard::notice& n);

/// What became of a deed.
[[nodiscard]] std::string to_line(const remedy::guard::policy& p, const remedy::guard::deed& d,
                                  const remedy::guard::deed_outcome& became);

/// What a dry run would do.
[[nodiscard]] std::string to_line(const remedy::guard::policy& p, const remedy::guard::deed& d);

/// What went wrong with a rule.
[[nodiscard]] std::string to_line(const std::string& rule, const error& trouble);

/// A policy as it was understood, a paragraph for each rule.
[[nodiscard]] std::string to_text(const remedy::guard::policy& p);

}  // namespace waitstate::render
