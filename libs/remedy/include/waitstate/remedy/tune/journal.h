#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "waitstate/base/result.h"

namespace waitstate::remedy {

/// A setting that was changed, or was about to be.
struct journal_setting {
  std::string key;
  std::string before;  ///< As the kernel showed it, but for the line end.
  /// What was written, one blank between words: the last time last. A tuning on top of another that
  /// is killed leaves the one or the other.
  std::vector<std::string> written;

  friend bool operator==(const journal_setting&, const journal_setting&) = default;
};

/// The file of sysctl.d that was written, or was about to be.
struct journal_file {
  std::string path;
  std::optional<std::string> before;  ///< Its bytes; nothing: there was none.
  std::uint32_t mode_before = 0;      ///< Its permissions then.
  std::vector<std::string> written;   ///< Its bytes from then on, the last ones last.

  friend bool operator==(const journal_file&, const journal_file&) = default;
};

/// What undoes a tuning: on the disk before the first change is made, so that whenever the program
/// is killed or the power goes, what was there before is known.
struct tune_journal {
  std::string boot_id;  ///< Of the boot in which it was written.
  std::uint64_t net_namespace_inode = 0;
  std::vector<journal_setting> settings;
  std::optional<journal_file> file;

  friend bool operator==(const tune_journal&, const tune_journal&) = default;
};

/// One JSON object; bytes that are no ASCII are kept as they are.
[[nodiscard]] std::string to_text(const tune_journal& journal);

/// Fails with errc::corrupt for what to_text() did not write.
[[nodiscard]] result<tune_journal> parse_journal(std::string_view text);

/// A second tuning on top of a first: each setting keeps the value that it had before the first
/// one.
[[nodiscard]] tune_journal merged(tune_journal earlier, const tune_journal& later);

}  // namespace waitstate::remedy
