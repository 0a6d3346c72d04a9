#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "waitstate/base/fd.h"
#include "waitstate/base/result.h"
#include "waitstate/remedy/guard/memory.h"

namespace waitstate::remedy::guard {

/// The file that a guard's memory outlives it in, for its owner alone. It is whole at any moment:
/// written beside itself, flushed to the disk and then renamed. While one is open no other process
/// can open the same. Not for use by several threads.
class state_file {
 public:
  /// Where it is unless the user says otherwise.
  static constexpr std::string_view usual_path = "/var/lib/waitstate/guard.json";

  /// Makes a missing last folder of its path. Fails with errc::unavailable where another guard has
  /// it.
  [[nodiscard]] static result<state_file> open(const std::string& path);

  /// What was saved last; an empty memory where there is no file. Fails with errc::corrupt.
  [[nodiscard]] result<memory> load() const;
  /// Fails, and leaves what was saved before, where the disk is full.
  [[nodiscard]] result<> save(const memory& m) const;

 private:
  state_file(fd lock, std::string path) : lock_(std::move(lock)), path_(std::move(path)) {}

  fd lock_;
  std::string path_;
};

}  // namespace waitstate::remedy::guard
