#include "waitstate/view/screen.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "findings_pane.h"
#include "leaks_pane.h"
#include "ports_pane.h"
#include "processes_pane.h"
#include "screen_drawing.h"
#include "screen_keys.h"
#include "screen_state.h"

namespace waitstate::view {
namespace {

state_counts selected_counts(const snapshot& s, const socket_selector& filter) {
  if (filter == socket_selector{}) return s.states();
  state_counts counts;
  for (const auto& g : s.groups) {
    if (matches(filter, g, s)) counts.add(g.key.state, g.count);
  }
  for (const auto& l : s.listeners) {
    if (matches(filter, l, s)) counts.add(tcp::state::listen, 1);
  }
  return counts;
}

/// A page about a finding goes on with the finding of now.
void renew(open_page& page, const diagnosis::report& report) {
  if (page.key.empty()) return;
  const auto found = std::ranges::find(report.findings, page.key, key_of);
  page.is_over = found == report.findings.end();
  if (!page.is_over) page.finding = *found;
}

}  // namespace

std::string key_of(const diagnosis::finding& f) {
  return fmt::format("{}|{}|{}", f.id, f.subject.text, f.subject.net_namespace);
}

void refresh(screen_state& s) {
  if (!s.shown) return;
  auto& p = *s.shown;
  p.counts = selected_counts(p.seen, s.filter);
  p.panes = {findings_pane(p.report), ports_pane(p.seen, s.filter), leaks_pane(p.seen, s.filter),
             processes_pane(p.seen, s.filter)};
  for (std::size_t i = 0; i < pane_count; ++i) arrange(p.panes[i], s.cursors[i], s.taken);
}

struct screen::state {
  screen_state is;
};

screen::screen(screen_options options) : state_(std::make_unique<state>()) {
  state_->is.filter = options.filter;
  state_->is.options = std::move(options);
}

screen::~screen() = default;
screen::screen(screen&&) noexcept = default;
screen& screen::operator=(screen&&) noexcept = default;

void screen::take(snapshot seen, diagnosis::report report, const pace& how, moment now) {
  auto& s = state_->is;
  if (s.paused_since) return;
  s.pace = how;
  s.taken = now;
  s.past.add(now, seen.states());
  if (s.page) renew(*s.page, report);
  auto& shown = s.shown.emplace();
  shown.rates = transitions_of(seen);
  shown.seen = std::move(seen);
  shown.report = std::move(report);
  refresh(s);
}

request screen::press(const key& k, moment now) {
  return view::press(state_->is, k, now);
}

bool screen::is_paused() const {
  return state_->is.paused_since.has_value();
}

frame screen::draw(const frame_size& size, moment now) {
  auto made = view::draw(state_->is, size, now);
  return state_->is.options.ascii ? in_ascii(std::move(made)) : made;
}

}  // namespace waitstate::view
