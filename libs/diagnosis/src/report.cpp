#include "waitstate/diagnosis/report.h"

namespace waitstate::diagnosis {

std::string_view to_string(severity s) {
  switch (s) {
    case severity::info: return "info";
    case severity::warning: return "warning";
    case severity::critical: return "critical";
  }
  return "info";
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

}  // namespace waitstate::diagnosis
