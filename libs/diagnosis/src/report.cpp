#include "waitstate/diagnosis/report.h"

#include <tuple>

#include <fmt/format.h>

#include "waitstate/base/names.h"

namespace waitstate::diagnosis {

std::string_view to_string(severity s) {
  switch (s) {
    case severity::info: return "info";
    case severity::warning: return "warning";
    case severity::critical: return "critical";
  }
  return "info";
}

std::optional<severity> parse_severity(std::string_view name) {
  return named_in(all_severities, name);
}

std::string_view to_string(confidence c) {
  switch (c) {
    case confidence::certain: return "certain";
    case confidence::likely: return "likely";
    case confidence::possible: return "possible";
  }
  return "certain";
}

std::optional<confidence> parse_confidence(std::string_view name) {
  return named_in(all_confidences, name);
}

std::string_view to_string(verdict v) {
  switch (v) {
    case verdict::healthy: return "healthy";
    case verdict::attention: return "attention";
    case verdict::critical: return "critical";
    case verdict::unknown: return "unknown";
  }
  return "unknown";
}

std::optional<verdict> parse_verdict(std::string_view name) {
  return named_in(all_verdicts, name);
}

std::string_view to_string(subject_kind k) {
  switch (k) {
    case subject_kind::host: return "host";
    case subject_kind::network_namespace: return "network-namespace";
    case subject_kind::process: return "process";
    case subject_kind::destination: return "destination";
    case subject_kind::listener: return "listener";
  }
  return "host";
}

std::optional<subject_kind> parse_subject_kind(std::string_view name) {
  return named_in(all_subject_kinds, name);
}

std::string stated(const finding& f) {
  constexpr std::size_t shown_of_container = 12;  // As `docker ps` and `crictl ps` show it.
  const auto& [where, container] = std::tie(f.subject.net_namespace, f.subject.container);
  std::string text;
  if (!f.subject.host.empty()) text = "on " + f.subject.host + ": ";
  if (!where.empty()) {
    text += "in " + where;
    const auto& name = f.subject.container_name;
    if (!container.empty()) {
      const auto id = container.substr(0, shown_of_container);
      text += ", container " + (name.empty() ? id : fmt::format("{} ({})", name, id));
    }
    text += ": ";
  }
  const auto sure = f.certainty.confidence;
  if (sure != confidence::certain) text += std::string(to_string(sure)) + ": ";
  return text + f.title;
}

}  // namespace waitstate::diagnosis
