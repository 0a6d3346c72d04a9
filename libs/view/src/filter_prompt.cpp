#include "filter_prompt.h"

#include <utility>

#include "waitstate/render/clean.h"

namespace waitstate::view {
namespace {

void remove_last_character(std::string& text) {
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.back());
    text.pop_back();
    if ((byte & 0xC0) != 0x80) return;
  }
}

void read(filter_prompt& p) {
  auto selected = parse_selector(p.text);
  if (selected) {
    p.chosen = *std::move(selected);
    p.wrong.clear();
    return;
  }
  p.wrong = render::clean(selected.error().what);
  if (!selected.error().hint.empty()) p.wrong += "; " + render::clean(selected.error().hint);
}

}  // namespace

filter_prompt open_prompt(const socket_selector& filter) {
  return {.text = to_text(filter), .wrong = {}, .chosen = filter, .before = filter};
}

prompt_end type(filter_prompt& p, const key& k) {
  switch (k.kind) {
    case key_kind::enter: return prompt_end::kept;
    case key_kind::escape: return prompt_end::dropped;
    case key_kind::backspace:
      if (p.text.empty()) return prompt_end::dropped;
      remove_last_character(p.text);
      break;
    case key_kind::erase_line: p.text.clear(); break;
    case key_kind::text:
      if (p.text.size() + k.text.size() > filter_prompt::text_max) return prompt_end::goes_on;
      p.text += k.text;
      break;
    default: return prompt_end::goes_on;
  }
  read(p);
  return prompt_end::goes_on;
}

}  // namespace waitstate::view
