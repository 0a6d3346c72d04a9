#include "waitstate/render/ink.h"

namespace waitstate::render {

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
