#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "waitstate/base/fd.h"
#include "waitstate/base/result.h"

namespace waitstate::remedy {

/// Files that are whole or not there, whenever the power goes. A new text is written beside its
/// place, into `staged_path()`, and then takes it in one step; links are not followed.

/// At most so much is read: more is no file of ours.
inline constexpr std::size_t durable_file_max = std::size_t{1} << 20;

/// Its text; nothing where there is none. Fails for what is no plain file, and for more than
/// `durable_file_max`.
[[nodiscard]] result<std::optional<std::string>> read_durable(const std::string& path);

/// "/etc/sysctl.d/.99-waitstate.conf.new": one name, so that what a crash left can be found.
[[nodiscard]] std::string staged_path(const std::string& path);

/// Writes the text into the staged file, on the disk, with this mode.
[[nodiscard]] result<> stage(const std::string& path, std::string_view text, mode_t mode);
/// The staged file takes its place.
[[nodiscard]] result<> put_in_place(const std::string& path);
/// stage() and put_in_place(); what was staged is removed when it fails.
[[nodiscard]] result<> write_durable(const std::string& path, std::string_view text, mode_t mode);
/// Removes the file, and what was staged for it; one that is not there is no error.
[[nodiscard]] result<> remove_durable(const std::string& path);
[[nodiscard]] result<> remove_staged(const std::string& path);

/// Holds a folder for this process alone, until the descriptor is closed, by a lock in it that only
/// its owner can open; makes its last part where it is missing, readable for its owner and group.
/// Fails with errc::unavailable where another process holds it, and with errc::permission where
/// others may write there.
[[nodiscard]] result<fd> hold_folder(const std::string& folder);

}  // namespace waitstate::remedy
