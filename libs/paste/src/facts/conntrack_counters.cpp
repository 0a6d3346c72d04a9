#include "facts/conntrack_counters.h"

#include "text/words.h"

namespace waitstate::paste {

std::optional<conntrack_counters> read_conntrack_counters(std::string_view line) {
  const auto text = trimmed(line);
  if (!text.starts_with("cpu=") || !text.contains(" insert_failed=")) return std::nullopt;
  const auto early = number_after(text, " early_drop=");
  const auto drop = number_after(text, " drop=");
  const auto failed = number_after(text, " insert_failed=");
  if (!early || !drop || !failed) return std::nullopt;
  return conntrack_counters{.early_drop = *early, .drop = *drop, .insert_failed = *failed};
}

}  // namespace waitstate::paste
