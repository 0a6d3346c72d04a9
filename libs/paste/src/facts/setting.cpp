#include "facts/setting.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <system_error>

#include "text/words.h"
#include "waitstate/procfs/file_table.h"
#include "waitstate/procfs/text.h"

namespace waitstate::paste {
namespace {

bool is_key(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-' || c == '/';
  });
}

/// Names that people write without what is before them.
std::string full_key(std::string_view name) {
  if (name.starts_with("/proc/sys/")) name.remove_prefix(10);
  std::string key(name);
  if (!key.contains('.') || key.contains('/')) std::ranges::replace(key, '/', '.');
  if (key.contains('.')) return key;
  constexpr std::string_view short_names[] = {
      "tcp_tw_reuse",        "tcp_tw_recycle",         "tcp_fin_timeout",
      "tcp_max_tw_buckets",  "tcp_timestamps",         "tcp_max_orphans",
      "tcp_max_syn_backlog", "tcp_syncookies",         "tcp_keepalive_time",
      "tcp_keepalive_intvl", "tcp_keepalive_probes",   "tcp_mem",
      "tcp_syn_retries",     "tcp_abort_on_overflow",  "tcp_tw_reuse_delay",
      "ip_local_port_range", "ip_local_reserved_ports"};
  const auto known = std::ranges::find(short_names, std::string_view(key));
  if (known != std::end(short_names)) return "net.ipv4." + key;
  if (key == "somaxconn") return "net.core.somaxconn";
  if (key == "nf_conntrack_max" || key == "nf_conntrack_count") return "net.netfilter." + key;
  if (key == "file-max" || key == "file-nr") return "fs." + key;
  return {};
}

bool is_known_family(std::string_view key) {
  constexpr std::string_view families[] = {"net.", "fs.", "kernel.", "vm.", "kern.", "security."};
  return std::ranges::any_of(families, [&](auto family) { return key.starts_with(family); });
}

os_family os_of(std::string_view key) {
  if (key.starts_with("net.inet.ip.portrange")) return os_family::unknown;  // macOS and FreeBSD.
  if (key.starts_with("net.inet.ip.port")) return os_family::openbsd;
  if (key.starts_with("net.inet.ip.anonport")) return os_family::other_bsd;
  if (key.starts_with("net.ipv4.") || key.starts_with("net.core.") ||
      key.starts_with("net.netfilter.") || key.starts_with("kernel.")) {
    return os_family::linux_kernel;
  }
  return os_family::unknown;
}

/// Text after a value that is not of it: a comment, or a "->" of macOS's sysctl that sets.
std::string_view without_comment(std::string_view value) {
  for (const std::string_view mark : {" #", "\t#", " //", " ;", " <-"}) {
    value = value.substr(0, value.find(mark));
  }
  const auto changed = value.find("->");
  if (changed != std::string_view::npos) value = value.substr(changed + 2);
  return trimmed(value);
}

/// A value is a number, numbers and blanks, or one word ("cubic"); a sentence is not.
bool is_value(std::string_view value, bool short_name) {
  if (value.empty()) return !short_name;
  const word_list words(value);
  const auto numeric = [](std::string_view w) { return is_digit(w.front()) || w.front() == '-'; };
  if (std::ranges::all_of(words.all(), numeric)) return true;
  // "cubic", "low latency bbr": more is a sentence about the setting.
  constexpr std::size_t words_max = 4;
  return !short_name && words.size() <= words_max;
}

/// `marked`: the value stands behind "=" or ":".
std::optional<setting> sysctl_setting(std::string_view name, std::string_view value, bool marked) {
  if (!is_key(name)) return std::nullopt;
  const auto key = full_key(name);
  if (key.empty() || !is_known_family(key)) return std::nullopt;
  value = without_comment(value);
  if (value.size() > 1 && (value.front() == '"' || value.front() == '\'')) {
    value = value.substr(1, value.size() - 2);
  }
  if (!is_value(value, !marked || !name.contains('.'))) return std::nullopt;
  return setting{.key = key, .value = procfs::one_blank_apart(value), .os = os_of(key)};
}

std::optional<setting> read_sysctl_line(std::string_view line) {
  const auto end = line.find_first_of("=: \t");
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  auto rest = trimmed(line.substr(end));
  // "key value" is a listing's only where the key is a full one and the value all numbers.
  const bool marked = rest.starts_with('=') || rest.starts_with(':');
  if (marked) rest = trimmed(rest.substr(1));
  return sysctl_setting(line.substr(0, end), rest, marked);
}

std::optional<std::uint64_t> hex_number(std::string_view digits) {
  std::uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, failed] = std::from_chars(digits.data(), end, number, 16);
  if (failed != std::errc{} || stop != end) return std::nullopt;
  return number;
}

/// "30", "0x1e".
std::optional<std::uint64_t> any_base(std::string_view text) {
  return starts_in_any_case(text, "0x") ? hex_number(text.substr(2)) : whole_number(text);
}

std::optional<setting> read_registry_line(std::string_view line) {
  constexpr std::string_view names[] = {"TcpTimedWaitDelay", "MaxUserPort",
                                        "StrictTimeWaitSeqCheck", "TcpNumConnections"};
  auto text = trimmed(line);
  if (text.starts_with('"')) text.remove_prefix(1);
  for (const auto name : names) {
    if (!starts_in_any_case(text, name)) continue;
    auto rest = text.substr(name.size());
    const auto first = rest.find_first_not_of("\" \t:=");
    if (first == std::string_view::npos) return std::nullopt;
    rest = rest.substr(first);
    std::optional<std::uint64_t> value;
    if (starts_in_any_case(rest, "dword:")) {
      value = hex_number(trimmed(rest.substr(6)));
    } else {
      const word_list words(rest);
      value = any_base(starts_in_any_case(words[0], "REG_") ? words[1] : words[0]);
    }
    if (!value) return std::nullopt;
    return setting{
        .key = std::string(name), .value = std::to_string(*value), .os = os_family::windows};
  }
  return std::nullopt;
}

/// "Start Port      : 49152", "Startport : 49152", "Number of Ports : 16384", "Anzahl von Ports",
/// "Puerto de inicio", "Port de démarrage"; PowerShell's DynamicPortRangeStartPort.
std::optional<setting> read_dynamic_port_line(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto label = lower(trimmed(line.substr(0, colon)));
  const auto value = whole_number(trimmed(line.substr(colon + 1)));
  if (!value || *value > 65535) return std::nullopt;
  constexpr std::string_view port_words[] = {"port", "puerto", "端口", "連接埠", "ポート", "порт"};
  const bool names_port =
      std::ranges::any_of(port_words, [&](auto word) { return label.contains(word); });
  constexpr std::size_t label_max = 64;  // Cyrillic and Chinese letters take two and three bytes.
  if (label.size() > label_max || !names_port) return std::nullopt;
  const auto has = [&](std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](auto w) { return label.contains(w); });
  };
  const auto make = [&](std::string_view key) {
    return setting{
        .key = std::string(key), .value = std::to_string(*value), .os = os_family::windows};
  };
  if (has({"number of ports", "numberofports", "anzahl", "número de", "nombre de", "numero di",
           "端口数", "連接埠數", "ポート数", "исло портов"})) {
    return make("DynamicPortCount");
  }
  if (has({"start port", "startport", "puerto de inicio", "puerto inicial", "port de d",
           "porta inicial", "porta iniziale", "启动端口", "起始端口", "啟動連接埠", "開始連接埠",
           "開始ポート", "ачальный порт"})) {
    return make("DynamicPortStart");
  }
  return std::nullopt;
}

}  // namespace

std::optional<setting> read_setting(std::string_view line) {
  const auto text = trimmed(line);
  if (text.empty()) return std::nullopt;
  // Letters of other scripts are bytes above 127.
  const bool other_script = static_cast<unsigned char>(text[0]) >= 0x80;
  if (other_script) return read_dynamic_port_line(text);
  if (!is_letter(text[0]) && text[0] != '/' && text[0] != '"') return std::nullopt;
  if (auto found = read_sysctl_line(text)) return found;
  if (auto found = read_registry_line(text)) return found;
  return read_dynamic_port_line(text);
}

std::optional<setting> make_setting(std::string_view name, std::string_view value) {
  return sysctl_setting(name, trimmed(value), true);
}

void apply(const setting& s, network_namespace& ns, host_facts& host) {
  const std::string_view key = s.key;
  const bool of_namespace = key.starts_with("net.") || s.os == os_family::windows;
  const bool of_host = !of_namespace || key == "net.ipv4.tcp_mem" ||
                       key == "net.ipv4.tcp_max_orphans" || key.ends_with("conntrack_max");
  if (of_namespace) ns.sysctls.insert_or_assign(s.key, s.value);
  if (of_host) host.sysctls.insert_or_assign(s.key, s.value);

  const auto number = leading_number(s.value);
  if (key.ends_with("conntrack_max")) host.conntrack_max = number;
  if (key.ends_with("conntrack_count")) host.conntrack_count = number;
  if (key == "fs.file-max" || key == "kern.maxfiles") host.open_files_max = number;
  if (key == "kern.openfiles" || key == "kern.num_files") host.open_files = number;
  if (key == "fs.file-nr") {
    const auto files = procfs::parse_file_table(s.value);
    host.open_files = files.open;
    if (files.max) host.open_files_max = files.max;
  }
  if (key == "kernel.osrelease" || key == "kern.osrelease") host.kernel_release = s.value;
}

}  // namespace waitstate::paste
