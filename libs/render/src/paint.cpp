#include "paint.h"

#include <fmt/format.h>

namespace waitstate::render {
namespace {

/// SGR parameters (ECMA-48 8.3.117); only the eight colours that every theme defines.
std::string_view code_of(ink i) {
  switch (i) {
    case ink::plain: return "";
    case ink::bold: return "1";
    case ink::dim: return "2";
    case ink::red: return "1;31";
    case ink::yellow: return "1;33";
    case ink::green: return "1;32";
    case ink::cyan: return "36";
  }
  return "";
}

}  // namespace

std::string painter::operator()(ink i, std::string_view text) const {
  if (!colour_ || i == ink::plain || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code_of(i), text);
}

ink ink_of(diagnosis::severity s) {
  switch (s) {
    case diagnosis::severity::info: return ink::cyan;
    case diagnosis::severity::warning: return ink::yellow;
    case diagnosis::severity::critical: return ink::red;
  }
  return ink::plain;
}

ink ink_of(diagnosis::verdict v) {
  switch (v) {
    case diagnosis::verdict::healthy: return ink::green;
    case diagnosis::verdict::attention: return ink::yellow;
    case diagnosis::verdict::critical: return ink::red;
    case diagnosis::verdict::unknown: return ink::bold;
  }
  return ink::plain;
}

}  // namespace waitstate::render
