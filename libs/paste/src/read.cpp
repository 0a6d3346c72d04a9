#include "waitstate/paste/read.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <deque>
#include <utility>

#include "reading/host_parts.h"
#include "reading/joined_ends.h"
#include "reading/reading.h"
#include "text/line.h"

namespace waitstate::paste {
namespace {

using progress_call = std::function<void(std::uint64_t)>;

result<snapshot> read_with(reading& r, std::string_view text, const progress_call& progress) {
  constexpr std::size_t progress_step = std::size_t{1} << 20U;
  line_splitter lines(text);
  std::size_t told = 0;
  while (const auto line = lines.next()) {
    r.take(*line);
    if (progress && lines.position() - told >= progress_step) {
      told = lines.position();
      progress(told);
    }
  }
  auto made = r.finish(lines);
  if (r.found_anything()) return made;
  return failure({.code = errc::invalid_input,
                  .what = text.empty() ? "the text is empty"
                                       : (lines.binary() > 0
                                              ? "the text is binary: no line of it could be read"
                                              : "no line of the text could be read"),
                  .hint = "paste the output of " + reading::readable()});
}

bool shows_sockets(const snapshot& s) {
  return !s.groups.empty() || !s.listeners.empty();
}

/// Hosts that are read, each with the reading that its snapshot came of.
struct hosts_read {
  std::deque<reading> readings;
  std::vector<snapshot> snapshots;

  result<void> add(std::string_view name, std::string_view text, const progress_call& progress) {
    auto made = read_with(readings.emplace_back(), text, progress);
    if (!made) {
      readings.pop_back();
      return failure(made.error());
    }
    made->host.name = name;
    snapshots.push_back(*std::move(made));
    return {};
  }
};

/// The prompts of one text; nothing where fewer than two of their hosts show sockets.
hosts_read hosts_of_prompts(std::string_view text, const progress_call& progress) {
  hosts_read all;
  for (const auto& part : parts_by_host(text)) {
    // What was typed there may print nothing that is known here.
    static_cast<void>(all.add(part.host, part.text, progress));
  }
  if (std::ranges::count_if(all.snapshots, shows_sockets) < 2) return {};
  return all;
}

std::vector<snapshot> joined(hosts_read all) {
  std::vector<shown_host> shown;
  shown.reserve(all.snapshots.size());
  for (std::size_t i = 0; i < all.snapshots.size(); ++i) {
    shown.push_back({.rows = &all.readings[i].rows(), .seen = &all.snapshots[i]});
  }
  join_ends(shown);
  return std::move(all.snapshots);
}

/// Texts of one host are one text.
std::vector<host_part> by_host(std::span<const named_text> texts) {
  std::vector<host_part> parts;
  const auto add = [&](std::string_view host, std::string_view text) {
    auto known = std::ranges::find(parts, host, &host_part::host);
    if (known == parts.end()) {
      parts.push_back({.host = std::string(host), .text = {}});
      known = parts.end() - 1;
    }
    known->text.append(text).append("\n");
  };
  for (const auto& t : texts) {
    const auto named = parts_by_host(t.text);
    for (const auto& part : named) add(part.host, part.text);
    const auto host = host_of_text(t.text);
    if (named.empty()) add(host.empty() ? std::string_view(t.name) : host, t.text);
  }
  return parts;
}

}  // namespace

result<snapshot> read(std::string_view text, const progress_call& progress) {
  reading r;
  return read_with(r, text, progress);
}

result<std::vector<snapshot>> read_hosts(std::span<const named_text> texts,
                                         const progress_call& progress) {
  assert(!texts.empty());
  if (texts.size() == 1) {
    const auto& only = texts.front();
    auto several = hosts_of_prompts(only.text, progress);
    if (!several.snapshots.empty()) return joined(std::move(several));
    auto one = read(only.text, progress);
    if (!one) return failure(in_step("'" + only.name + "'", std::move(one).error()));
    std::vector<snapshot> made;
    made.push_back(*std::move(one));
    return made;
  }
  hosts_read all;
  for (const auto& part : by_host(texts)) {
    if (auto added = all.add(part.host, part.text, progress); !added) {
      return failure(in_step("'" + part.host + "'", std::move(added).error()));
    }
  }
  return joined(std::move(all));
}

}  // namespace waitstate::paste
