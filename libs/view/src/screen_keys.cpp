#include "screen_keys.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "command_line.h"
#include "detail.h"

namespace waitstate::view {
namespace {

constexpr std::chrono::seconds message_stays{10};

void say(screen_state& s, std::string text, moment now) {
  s.message = std::move(text);
  s.message_until = now + message_stays;
}

const pane_row* row_under_cursor(const screen_state& s) {
  if (!s.shown) return nullptr;
  return selected_row(s.shown->panes[s.focused()], s.cursors[s.focused()]);
}

/// The finding under the cursor or, of another row, the first that is about it.
const diagnosis::finding* finding_of(const screen_state& s, const pane_row& row) {
  if (!s.shown) return nullptr;
  const auto& findings = s.shown->report.findings;
  if (s.focus == pane_id::findings) {
    const bool is_finding = row.of < findings.size() && key_of(findings[row.of]) == row.key;
    return is_finding ? &findings[row.of] : nullptr;
  }
  if (!row.sockets) return nullptr;
  const auto found = std::ranges::find_if(
      findings, [&](const diagnosis::finding& f) { return is_about(f, *row.sockets); });
  return found == findings.end() ? nullptr : &*found;
}

void open_finding(screen_state& s, page_kind kind, moment now) {
  if (s.page && !s.page->key.empty()) {
    s.page->kind = kind;
    s.page->first = s.page->shift = 0;
    return;
  }
  const auto* const row = row_under_cursor(s);
  const auto* const f = row == nullptr ? nullptr : finding_of(s, *row);
  if (f == nullptr) {
    say(s, "no finding is about this row", now);
    return;
  }
  s.page = open_page{.kind = kind, .key = key_of(*f), .finding = *f};
}

void open_row(screen_state& s, moment now) {
  const auto* const row = row_under_cursor(s);
  if (row == nullptr || !s.shown) return;
  if (row->sockets) {
    s.page = open_page{.kind = page_kind::sockets, .sockets = *row->sockets};
  } else if (finding_of(s, *row) != nullptr) {
    open_finding(s, page_kind::proof, now);
  } else if (row->of < s.shown->report.limits.size()) {
    s.page = open_page{.kind = page_kind::limit, .limit = s.shown->report.limits[row->of]};
  }
}

void say_command(screen_state& s, moment now) {
  const auto& ns = s.options.net_namespace;
  const auto* const row = row_under_cursor(s);
  if (s.page && s.page->kind == page_kind::sockets) {
    say(s, command_line("sockets", s.page->sockets, ns), now);
  } else if (row != nullptr && row->sockets) {
    say(s, command_line("sockets", *row->sockets, ns), now);
  } else {
    say(s, command_line(s.filter == socket_selector{} ? "diagnose" : "watch", s.filter, ns), now);
  }
}

void set_filter(screen_state& s, const socket_selector& filter) {
  if (s.filter == filter) return;
  s.filter = filter;
  refresh(s);
}

void move(screen_state& s, std::ptrdiff_t rows, moment now) {
  if (s.shown) move_cursor(s.shown->panes[s.focused()], s.cursors[s.focused()], rows, now);
}

/// Returns whether it was one of these.
bool moves(screen_state& s, const key& k, moment now) {
  constexpr auto far = std::ptrdiff_t{pane_rows_max} * 2;
  const auto room = static_cast<std::ptrdiff_t>(s.cursors[s.focused()].room);
  switch (k.kind) {
    case key_kind::up: move(s, -1, now); return true;
    case key_kind::down: move(s, 1, now); return true;
    case key_kind::page_up: move(s, -room, now); return true;
    case key_kind::page_down: move(s, room, now); return true;
    case key_kind::home: move(s, -far, now); return true;
    case key_kind::end: move(s, far, now); return true;
    default: return false;
  }
}

request press_in_prompt(screen_state& s, filter_prompt& prompt, const key& k, moment now) {
  if (moves(s, k, now)) return request::nothing;
  const auto ended = type(prompt, k);
  if (ended == prompt_end::dropped) {
    s.prompt.reset();
    set_filter(s, {});
    return request::nothing;
  }
  set_filter(s, prompt.chosen);
  if (ended == prompt_end::kept && prompt.wrong.empty()) s.prompt.reset();
  return request::nothing;
}

void scroll(open_page& p, std::ptrdiff_t lines) {
  // How far it goes is known once it was drawn; until then it may be told to go anywhere.
  constexpr std::size_t anywhere = 1'000'000;
  const auto last = p.height == 0 ? anywhere : p.height > p.room ? p.height - p.room : 0;
  const auto at = static_cast<std::ptrdiff_t>(p.first) + lines;
  p.first = static_cast<std::size_t>(
      std::clamp(at, std::ptrdiff_t{0}, static_cast<std::ptrdiff_t>(last)));
}

/// Returns whether it was one of these.
bool scrolls(open_page& p, const key& k) {
  constexpr std::size_t sideways = 8;
  const auto room = static_cast<std::ptrdiff_t>(p.room);
  constexpr std::ptrdiff_t all = 1'000'000;
  switch (k.kind) {
    case key_kind::up: scroll(p, -1); return true;
    case key_kind::down: scroll(p, 1); return true;
    case key_kind::page_up: scroll(p, -room); return true;
    case key_kind::page_down: scroll(p, room); return true;
    case key_kind::home: scroll(p, -all); return true;
    case key_kind::end: scroll(p, all); return true;
    case key_kind::left: p.shift -= std::min(p.shift, sideways); return true;
    case key_kind::right: p.shift = std::min(p.shift + sideways, frame_size::most); return true;
    default: return false;
  }
}

/// Letters that move, as the keys they stand for.
key meant(const key& k) {
  if (k.kind != key_kind::text) return k;
  if (k.text == "j") return {.kind = key_kind::down};
  if (k.text == "k") return {.kind = key_kind::up};
  if (k.text == "g") return {.kind = key_kind::home};
  if (k.text == "G") return {.kind = key_kind::end};
  return k;
}

request pause_or_go_on(screen_state& s, moment now) {
  if (s.paused_since) {
    s.paused_since.reset();
    return request::look;
  }
  s.paused_since = now;
  return request::nothing;
}

/// Letters that do the same in the panes and over them.
request press_letter(screen_state& s, const std::string& letter, moment now) {
  if (letter == "?" || letter == "h") {
    s.page = open_page{.kind = page_kind::help};
  } else if (letter == "e") {
    open_finding(s, page_kind::explanation, now);
  } else if (letter == "r") {
    open_finding(s, page_kind::remedies, now);
  } else if (letter == "y") {
    say_command(s, now);
  } else if (letter == " ") {
    return pause_or_go_on(s, now);
  }
  return request::nothing;
}

request press_in_page(screen_state& s, open_page& page, const key& k, moment now) {
  if (scrolls(page, k)) return request::nothing;
  if (k.kind == key_kind::escape || k.kind == key_kind::backspace || k.text == "q") {
    s.page.reset();
  } else if (k.kind == key_kind::enter) {
    if (page.key.empty()) {
      s.page.reset();
    } else {
      open_finding(s, page_kind::proof, now);
    }
  } else if (k.kind == key_kind::text) {
    const bool is_help = page.kind == page_kind::help;
    if (is_help && (k.text == "?" || k.text == "h")) {
      s.page.reset();
    } else {
      return press_letter(s, k.text, now);
    }
  }
  return request::nothing;
}

void focus_on(screen_state& s, std::size_t pane) {
  s.focus = static_cast<pane_id>(pane % pane_count);
}

void sort(screen_state& s, bool other_way) {
  if (!s.shown) return;
  auto& cursor = s.cursors[s.focused()];
  if (other_way) {
    cursor.is_reversed = !cursor.is_reversed;
    cursor.held_until = {};
  } else {
    sort_by_next(s.shown->panes[s.focused()], cursor);
  }
  refresh(s);
}

request press_in_panes(screen_state& s, const key& k, moment now) {
  if (moves(s, k, now)) return request::nothing;
  switch (k.kind) {
    case key_kind::enter: open_row(s, now); return request::nothing;
    case key_kind::escape: set_filter(s, {}); return request::nothing;
    case key_kind::tab:
    case key_kind::right: focus_on(s, s.focused() + 1); return request::nothing;
    case key_kind::back_tab:
    case key_kind::left: focus_on(s, s.focused() + pane_count - 1); return request::nothing;
    case key_kind::text: break;
    default: return request::nothing;
  }
  if (k.text == "q") return request::quit;
  if (k.text == "/") {
    s.prompt = open_prompt(s.filter);
  } else if (k.text == "s" || k.text == "S") {
    sort(s, k.text == "S");
  } else if (k.text.size() == 1 && k.text[0] >= '1' && k.text[0] <= '4') {
    focus_on(s, static_cast<std::size_t>(k.text[0] - '1'));
  } else {
    return press_letter(s, k.text, now);
  }
  return request::nothing;
}

}  // namespace

request press(screen_state& s, const key& k, moment now) {
  if (s.prompt) return press_in_prompt(s, *s.prompt, k, now);
  s.message_until = {};
  if (s.page) return press_in_page(s, *s.page, meant(k), now);
  return press_in_panes(s, meant(k), now);
}

}  // namespace waitstate::view
