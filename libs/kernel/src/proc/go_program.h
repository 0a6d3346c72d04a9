#pragma once

#include <cstddef>
#include <span>

namespace waitstate::kernel {

/// How much of a file is_go_program() wants to see: the linker puts notes near the beginning.
inline constexpr std::size_t go_program_bytes = 16'384;

/// Does this beginning of an ELF file have a note of the Go linker (its build id)? Pure; any bytes
/// are safe. Go programs cannot be told by their name, and symbols may be stripped; the note stays.
[[nodiscard]] bool is_go_program(std::span<const std::byte> start_of_file);

}  // namespace waitstate::kernel
