#pragma once

#include <cstdint>
#include <utility>

#include "commands/command.h"

namespace waitstate::paste {

/// The command above a line, which says what the line means. Without one it is tool::other.
class line_context {
 public:
  /// A command was typed: the lines that follow are its output.
  void enter(command c) {
    typed_ = std::move(c);
    has_command_ = true;
    lines_between_ = 0;
    ++block_;
  }
  /// A line was read by nobody: prose, or a part of the output that says nothing.
  void pass_over() { ++lines_between_; }
  /// The same command was run again; only its output tells.
  std::uint64_t begin_look() { return ++block_; }

  [[nodiscard]] const command& typed() const { return typed_; }
  [[nodiscard]] bool asks(command::tool what) const { return typed_.what == what; }
  /// May a number that stands alone be what the command printed? Not far below it: between them is
  /// a line that wrapped, a warning or a heading, but no paragraph.
  [[nodiscard]] bool is_near() const {
    constexpr std::uint64_t lines_between_max = 3;
    return has_command_ && lines_between_ <= lines_between_max;
  }
  /// Counts the looks: the runs of commands.
  [[nodiscard]] std::uint64_t block() const { return block_; }

 private:
  command typed_;
  bool has_command_ = false;
  std::uint64_t lines_between_ = 0;
  std::uint64_t block_ = 0;
};

}  // namespace waitstate::paste
