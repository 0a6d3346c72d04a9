#pragma once

#include <optional>
#include <string>
#include <vector>

#include "waitstate/remedy/tune/capacity.h"
#include "waitstate/remedy/tune/settings_audit.h"
#include "waitstate/remedy/tune/tune.h"
#include "waitstate/remedy/tune/tune_plan.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::render {

/// What `waitstate tune` answers, as one JSON object; docs/fix.md has the keys. Of an undo there is
/// no plan, of a plan alone no outcome.
[[nodiscard]] std::string to_json(const std::optional<remedy::tune_plan>& plan, const snapshot& s,
                                  const std::optional<remedy::tune_outcome>& outcome);
[[nodiscard]] std::string to_json(const remedy::settings_audit& audit);
[[nodiscard]] std::string to_json(const std::vector<remedy::destination_capacity>& capacity,
                                  const snapshot& s);

/// The settings of a plan as a list of Ansible's tasks (ansible.posix.sysctl).
[[nodiscard]] std::string to_ansible(const remedy::tune_plan& plan);

}  // namespace waitstate::render
