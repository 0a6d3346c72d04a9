#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace waitstate::procfs {

/// The open files of the whole host.
struct file_table {
  std::optional<std::uint64_t> open;
  std::optional<std::uint64_t> max;  ///< fs.file-max; nothing where it is so high that it is none.
};

/// Reads /proc/sys/fs/file-nr: "13568 0 26244". The number between is not used any more. A limit is
/// only told beside a count.
[[nodiscard]] file_table parse_file_table(std::string_view text);

}  // namespace waitstate::procfs
