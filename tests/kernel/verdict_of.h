#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace waitstate::kernel_test {

/// Runs the waitstate binary in this process's network namespace; throws when it does not end by
/// itself or what it prints with --json is no JSON.
struct outcome {
  int exit_status = -1;
  std::string output;
  std::string errors;
};
[[nodiscard]] outcome run_waitstate(const std::vector<std::string>& arguments);

/// `waitstate diagnose --json` with more arguments.
[[nodiscard]] nlohmann::json diagnose(std::vector<std::string> more = {});

/// The first finding of a report, or null; whatever its severity.
[[nodiscard]] nlohmann::json first_finding(const nlohmann::json& report);

/// The finding with this id, or null.
[[nodiscard]] nlohmann::json finding(const nlohmann::json& report, const std::string& id);

}  // namespace waitstate::kernel_test
