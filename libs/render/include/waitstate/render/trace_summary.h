#pragma once

#include <chrono>
#include <string>

#include "waitstate/render/text.h"
#include "waitstate/snapshot/connection_tally.h"

namespace waitstate::render {

/// A table of who made connections and where to, for the time that was traced: how many a second,
/// who closed first, how long they lived and what they carried. Says what to take from it: a client
/// that closes first and lives short is what fills its ports with TIME-WAIT.
[[nodiscard]] std::string to_text(const connection_tally& tally, std::chrono::milliseconds traced,
                                  const text_style& style);

}  // namespace waitstate::render
