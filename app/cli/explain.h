#pragma once

#include <span>
#include <string>
#include <string_view>

#include "app/cli/document.h"
#include "app/cli/markdown_page.h"
#include "waitstate/base/result.h"

namespace waitstate::cli {

/// The page of one topic, for a terminal.
///
/// Fails with errc::not_found; the hint names the closest topic, or how to list them all.
[[nodiscard]] result<std::string> topic_page(std::span<const section> sections,
                                             std::string_view topic, const page_style& style);

/// Every topic by its short name, grouped as the documents are.
[[nodiscard]] std::string topic_list(std::span<const section> sections, const page_style& style);

}  // namespace waitstate::cli
