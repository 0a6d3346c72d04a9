#include "reading/fact_reader.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "facts/conntrack_counters.h"
#include "facts/counter.h"
#include "facts/counter_table.h"
#include "facts/host_line.h"
#include "facts/named_number.h"
#include "facts/spoken_setting.h"
#include "text/words.h"
#include "waitstate/procfs/counters.h"

namespace waitstate::paste {
namespace {

/// No system has as many settings, nor as many counters.
constexpr std::size_t names_max = 10'000;

}  // namespace

bool fact_reader::take_totals(std::string_view line) {
  if (!totals_.read(line)) return false;
  if (totals_.saw_summary()) sources_.add("ss -s");
  if (totals_.saw_sockstat()) sources_.add("sockstat");
  return true;
}

/// What `cat /proc/sys/...` prints where the setting has several numbers.
std::optional<setting> fact_reader::setting_of_command(std::string_view line) const {
  const auto& typed = context_.typed();
  const bool is_file_nr = typed.what == command::tool::file_nr;
  const bool asked = is_file_nr || (typed.what == command::tool::setting && !typed.key.empty());
  if (!asked || !context_.is_near()) return std::nullopt;
  // tcp_mem and file-nr have three numbers, the port range has two.
  constexpr std::size_t numbers_max = 3;
  const word_list words(line);
  const bool numbers =
      words.size() >= 2 && words.size() <= numbers_max &&
      // "9223372036854775807" of file-nr is no bound.
      std::ranges::all_of(words.all(), [](auto w) { return std::ranges::all_of(w, is_digit); });
  if (!numbers) return std::nullopt;
  return make_setting(is_file_nr ? std::string_view("fs.file-nr") : typed.key, line);
}

void fact_reader::keep(const setting& s) {
  const auto& of_namespace = builder_.namespace_at(0).sysctls;
  const auto& of_host = builder_.host().sysctls;
  const bool is_known = of_namespace.contains(s.key) || of_host.contains(s.key);
  if (!is_known && of_namespace.size() + of_host.size() >= names_max) {
    ++names_left_out_;
    return;
  }
  apply(s, builder_.namespace_at(0), builder_.host());
  if (builder_.host().os == os_family::unknown) builder_.host().os = s.os;
  sources_.add(s.os == os_family::windows ? "Windows settings" : "sysctl");
}

bool fact_reader::take_setting(std::string_view line) {
  auto found = read_setting(line);
  if (!found) found = setting_of_command(line);
  if (found) keep(*found);
  if (found) return true;
  const auto spoken = read_spoken_setting(line);
  // What a listing shows is surer, wherever it stands.
  const bool is_known = spoken && builder_.namespace_at(0).sysctls.contains(spoken->key);
  if (!spoken || is_known) return spoken.has_value();
  keep(*spoken);
  builder_.add_limit({.id = "settings-in-prose",
                      .text = spoken->key + " is taken from a sentence",
                      .hint = "add the output of `sysctl " + spoken->key + "`"});
  return true;
}

bool fact_reader::keep_setting(std::string_view name, std::string_view value) {
  const auto made = make_setting(name, value);
  if (made) keep(*made);
  return made.has_value();
}

bool fact_reader::take_host(std::string_view line) {
  if (const auto limit = read_fd_limit(line)) {
    const auto pid = context_.asks(command::tool::fd_limit) ? context_.typed().pid : 0;
    processes_.set_limit(pid, *limit);
    sources_.add("limits");
    return true;
  }
  if (context_.asks(command::tool::kernel) && is_kernel_release(line)) {
    builder_.host().kernel_release = trimmed(line);
    sources_.add("uname");
    return true;
  }
  if (!read_host_line(line, builder_.host())) return false;
  sources_.add("uname or uptime");
  return true;
}

void fact_reader::keep_counter(std::string name, std::uint64_t value) {
  auto& known = builder_.namespace_at(0).counters;
  if (known.size() >= names_max && !known.contains(name)) {
    ++names_left_out_;
    return;
  }
  known.insert_or_assign(std::move(name), value);
}

bool fact_reader::take_counter_table(std::string_view line) {
  if (const auto heading = read_counter_heading(line); heading != counter_heading::none) {
    adds_up_ = heading == counter_heading::more;
    if (builder_.host().os == os_family::unknown) builder_.host().os = os_family::windows;
    return true;
  }
  const auto& known = builder_.namespace_at(0).counters;
  auto found = read_counter_table(line);
  for (auto& c : found) {
    const auto before = known.find(c.name);
    const auto more = adds_up_ && before != known.end() ? before->second : 0;
    keep_counter(std::move(c.name), c.value + more);
  }
  return !found.empty();
}

bool fact_reader::take_conntrack_counters(std::string_view line) {
  const auto of_cpu = read_conntrack_counters(line);
  if (!of_cpu) return false;
  const auto& known = builder_.namespace_at(0).counters;
  const auto add = [&](std::string name, std::uint64_t more) {
    const auto before = known.find(name);
    const auto sum = more + (before == known.end() ? 0 : before->second);
    keep_counter(std::move(name), sum);
  };
  add("Conntrack.early_drop", of_cpu->early_drop);
  add("Conntrack.drop", of_cpu->drop);
  add("Conntrack.insert_failed", of_cpu->insert_failed);
  sources_.add("conntrack");
  return true;
}

bool fact_reader::take_counter(std::string_view line) {
  if (take_conntrack_counters(line)) return true;
  if (take_counter_table(line)) {
    sources_.add("netstat -s");
    return true;
  }
  if (!counter_names_.empty()) {
    auto pairs = procfs::read_counter_pair(counter_names_, trimmed(line));
    counter_names_.clear();
    for (auto& c : pairs) keep_counter(std::move(c.name), c.value);
    if (!pairs.empty()) {
      sources_.add("netstat -s");
      return true;
    }
  }
  const auto text = trimmed(line);
  if (text.starts_with("TcpExt: ") || text.starts_with("Tcp: ")) {
    counter_names_ = text;
    return true;
  }
  auto found = read_counter(line);
  if (!found) return false;
  keep_counter(std::move(found->name), found->value);
  sources_.add("netstat -s");
  return true;
}

bool fact_reader::take_numbers(std::string_view line) {
  const auto numbers = read_named_numbers(line);
  for (const auto& [name, value] : numbers) {
    take_sample({.name = name, .state = {}, .value = value});
  }
  return !numbers.empty();
}

bool fact_reader::take_sample(const exporter_sample& sample) {
  constexpr std::string_view of_netstat = "node_netstat_";
  constexpr std::string_view of_sockstat = "node_sockstat_";
  const auto [name, state, value] = sample;
  auto& host = builder_.host();
  bool is_taken = true;
  if (name.starts_with(of_netstat)) {
    std::string counter(name.substr(of_netstat.size()));
    std::ranges::replace(counter, '_', '.');
    keep_counter(std::move(counter), value);
  } else if (name.starts_with(of_sockstat)) {
    is_taken = totals_.keep(name.substr(of_sockstat.size()), value);
  } else if (name == "node_nf_conntrack_entries") {
    host.conntrack_count = value;
  } else if (name == "node_nf_conntrack_entries_limit") {
    host.conntrack_max = value;
  } else if (name == "node_filefd_allocated") {
    host.open_files = value;
  } else if (name == "node_filefd_maximum") {
    host.open_files_max = value;
  } else if (name == "process_open_fds" || name == "process_files_open_files") {
    processes_.set_descriptor_count(0, {}, value);
  } else if (name == "process_max_fds" || name == "process_files_max_files") {
    processes_.set_limit(0, {.soft = value, .hard = {}});
  } else {
    is_taken = false;
  }
  if (is_taken) sources_.add("Prometheus");
  return is_taken;
}

}  // namespace waitstate::paste
