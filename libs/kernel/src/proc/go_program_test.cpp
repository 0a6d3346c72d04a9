#include "proc/go_program.h"

#include <elf.h>

#include <cstring>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace waitstate::kernel {
namespace {

constexpr std::string_view gnu_note("\4\0\0\0\2\0\0\0\3\0\0\0GNU\0ab\0\0", 20);
constexpr std::string_view go_note("\4\0\0\0\4\0\0\0\4\0\0\0Go\0\0abcd", 20);

/// An ELF file of one note segment with these notes.
std::vector<std::byte> elf_with(std::string_view notes) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_phoff = sizeof(header);
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  Elf64_Phdr segment{};
  segment.p_type = PT_NOTE;
  segment.p_offset = sizeof(header) + sizeof(segment);
  segment.p_filesz = notes.size();
  std::vector<std::byte> file(segment.p_offset + notes.size());
  std::memcpy(file.data(), &header, sizeof(header));
  std::memcpy(file.data() + sizeof(header), &segment, sizeof(segment));
  std::memcpy(file.data() + segment.p_offset, notes.data(), notes.size());
  return file;
}

TEST(go_program, is_told_by_the_note_of_its_linker) {
  EXPECT_TRUE(is_go_program(elf_with(go_note)));
  EXPECT_TRUE(is_go_program(elf_with(std::string(gnu_note).append(go_note))));
  EXPECT_FALSE(is_go_program(elf_with(gnu_note)));
  EXPECT_FALSE(is_go_program(elf_with("")));
}

TEST(go_program, takes_no_harm_from_a_cut_or_broken_file) {
  const auto whole = elf_with(std::string(gnu_note).append(go_note));
  for (std::size_t size = 0; size < whole.size() - 8; ++size) {
    EXPECT_FALSE(is_go_program(std::vector(whole.begin(),
                                           whole.begin() + static_cast<std::ptrdiff_t>(size))) &&
                 size + 8 < whole.size() - go_note.size())
        << size;
  }
  auto endless = whole;
  std::memset(endless.data() + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr), 0xff, 8);
  EXPECT_FALSE(is_go_program(endless));
  EXPECT_FALSE(is_go_program(std::vector<std::byte>(100)));
}

}  // namespace
}  // namespace waitstate::kernel
