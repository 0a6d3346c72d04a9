#include "proc/go_program.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace waitstate::kernel {
namespace {

using bytes = std::span<const std::byte>;

template <class T>
bool load(bytes from, std::uint64_t offset, T& value) {
  if (offset > from.size() || from.size() - offset < sizeof(T)) return false;
  std::memcpy(&value, from.data() + offset, sizeof(T));
  return true;
}

constexpr std::uint64_t aligned(std::uint64_t length) {
  return (length + 3) & ~std::uint64_t{3};
}

/// Notes: namesz, descsz, type, then the name and the description, each padded to 4 bytes.
bool has_go_note(bytes notes) {
  constexpr std::array name{std::byte{'G'}, std::byte{'o'}, std::byte{0}};
  Elf64_Nhdr note{};
  while (load(notes, 0, note)) {
    const auto body = notes.subspan(sizeof(note));
    // The Go linker counts 4 for its name: "Go\0\0".
    const bool long_enough = note.n_namesz >= name.size() && body.size() >= name.size();
    if (long_enough && std::equal(name.begin(), name.end(), body.begin())) return true;
    const auto length = aligned(note.n_namesz) + aligned(note.n_descsz);
    if (length > body.size()) return false;
    notes = body.subspan(static_cast<std::size_t>(length));
  }
  return false;
}

template <class Header, class Segment>
bool has_go_segment(bytes file) {
  Header header{};
  if (!load(file, 0, header) || header.e_phentsize != sizeof(Segment)) return false;
  for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
    Segment segment{};
    if (!load(file, header.e_phoff + i * sizeof(Segment), segment)) return false;
    if (segment.p_type != PT_NOTE || segment.p_offset >= file.size()) continue;
    const auto there = file.subspan(static_cast<std::size_t>(segment.p_offset));
    const auto size = std::min<std::uint64_t>(segment.p_filesz, there.size());
    if (has_go_note(there.first(static_cast<std::size_t>(size)))) return true;
  }
  return false;
}

}  // namespace

bool is_go_program(bytes start_of_file) {
  std::array<unsigned char, EI_NIDENT> ident{};
  if (!load(start_of_file, 0, ident)) return false;
  if (std::memcmp(ident.data(), ELFMAG, SELFMAG) != 0) return false;
  constexpr auto our_order = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
  if (ident[EI_DATA] != our_order) return false;
  return ident[EI_CLASS] == ELFCLASS64 ? has_go_segment<Elf64_Ehdr, Elf64_Phdr>(start_of_file)
                                       : has_go_segment<Elf32_Ehdr, Elf32_Phdr>(start_of_file);
}

}  // namespace waitstate::kernel
