#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/embedded_text.h"

namespace waitstate::cli {

/// The documents that `waitstate explain` prints from: docs/{states,settings,findings}.md.
[[nodiscard]] std::span<const embedded_text> documents();

/// One section of a document: from a "## " heading to the next heading of that rank or above. The
/// views last as long as the document.
struct section {
  std::string_view document;            ///< "states", "settings", "findings".
  std::string_view group;               ///< The "# " heading above it.
  std::vector<std::string_view> names;  ///< What the heading names, in its order: at least one.
  std::string_view text;                ///< With its heading, without blank lines at the end.
};

/// The sections of a document, in its order. What stands before the first one is left out, and so
/// is a heading inside a code block.
[[nodiscard]] std::vector<section> sections_of(const embedded_text& document);

/// The sections of several documents.
[[nodiscard]] std::vector<section> sections_of(std::span<const embedded_text> documents);

/// The last part of a setting's name, which is enough to find it: "tcp_tw_reuse".
[[nodiscard]] std::string_view short_name(std::string_view name);

/// The section of a topic, or nullptr. A topic is a state as any tool spells it (ESTAB, TIME_WAIT,
/// FIN-WAIT-2, LISTENING); a setting by its full or short name, with '/' or '.', with or without
/// "=1" or /proc/sys before it; or the id of a finding. Case matters not, nor '-' against '_'.
[[nodiscard]] const section* find_section(std::span<const section> sections,
                                          std::string_view topic);

/// The topic closest to one that was not found, for a hint; or empty.
[[nodiscard]] std::string nearest_topic(std::span<const section> sections, std::string_view topic);

}  // namespace waitstate::cli
