#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace waitstate::paste {

/// What one host printed in a text, in order and with line ends.
struct host_part {
  std::string host;  ///< As its prompts name it.
  std::string text;
};

/// The host that the prompt before a typed command names: "web1" of "root@web1:/srv# ss -tan".
/// Empty where the line is no such thing.
[[nodiscard]] std::string_view host_of_prompt(std::string_view line);

/// The host that the first such prompt of a text names, or empty.
[[nodiscard]] std::string_view host_of_text(std::string_view text);

/// A text by the hosts whose prompts it shows: each command and what follows it is of the host that
/// its prompt names, and what stands before the first prompt is of the first one. Empty unless
/// there are at least two hosts; past the bound of hosts what follows is of the last one.
[[nodiscard]] std::vector<host_part> parts_by_host(std::string_view text);

}  // namespace waitstate::paste
