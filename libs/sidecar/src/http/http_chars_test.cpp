#include "http/http_chars.h"

#include <string>

#include <gtest/gtest.h>

namespace waitstate::sidecar {
namespace {

TEST(http_chars, every_control_character_is_found_wherever_it_is) {
  for (int c = 0; c < 256; ++c) {
    const bool is_control = (c < 0x20 && c != '\t') || c == 0x7f;
    for (std::size_t at = 0; at < 20; ++at) {
      for (const char around : {'a', '\t', '\xff', '\x80', ' ', '~'}) {
        std::string text(20, around);
        text[at] = static_cast<char>(c);
        const auto* const end = text.data() + text.size();
        const auto* const found = first_control(text.data(), end);
        ASSERT_EQ(found, is_control ? text.data() + at : end) << c << " at " << at << around;
      }
    }
  }
}

TEST(http_chars, the_first_of_several_control_characters_is_found) {
  for (std::size_t first = 0; first < 16; ++first) {
    for (std::size_t second = first; second < 16; ++second) {
      std::string text(16, '\x21');
      text[second] = '\x7f';
      text[first] = '\n';
      EXPECT_EQ(first_control(text.data(), text.data() + 16), text.data() + first);
    }
  }
}

TEST(http_chars, tokens_are_those_of_the_standard) {
  std::string token;
  for (int c = 0; c < 256; ++c) {
    if (is_token_char(static_cast<char>(c))) token += static_cast<char>(c);
  }
  EXPECT_EQ(token, "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~");
  EXPECT_TRUE(is_token(token));
  EXPECT_FALSE(is_token(""));
  EXPECT_FALSE(is_token("a b"));
}

TEST(http_chars, names_are_alike_in_whatever_case) {
  EXPECT_TRUE(is_name("HoSt", "host"));
  EXPECT_FALSE(is_name("hosts", "host"));
  EXPECT_FALSE(is_name("Content\rLength", "content-length"));
  EXPECT_EQ(trimmed(" \ta b\t "), "a b");
  EXPECT_EQ(trimmed(" \t "), "");
}

}  // namespace
}  // namespace waitstate::sidecar
