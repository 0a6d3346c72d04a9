#include "app/cli/selection.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "waitstate/base/text.h"

namespace waitstate::cli {
namespace {

/// Somebody may have meant the file.
error of_word(const std::string& word, std::string_view reader, error e) {
  std::error_code ignored;
  if (!reader.empty() && std::filesystem::is_regular_file(word, ignored)) {
    e.hint = fmt::format("to read a file: waitstate {} --from {}", reader, shell_quoted(word));
  }
  return e;
}

}  // namespace

result<socket_selector> selection_of(const std::vector<std::string>& words,
                                     std::string_view reader) {
  socket_selector selected;
  for (const auto& word : words) {
    auto taken = select(selected, word);
    if (!taken) return failure(of_word(word, reader, std::move(taken).error()));
  }
  return selected;
}

}  // namespace waitstate::cli
