#include "facts/haproxy_stat.h"

#include <algorithm>

#include "text/words.h"

namespace waitstate::paste {
namespace {

/// HAProxy 3 has about a hundred.
constexpr std::size_t columns_max = 256;

std::vector<std::string_view> parts_of(std::string_view line) {
  std::vector<std::string_view> parts;
  parts.reserve(columns_max);
  while (parts.size() < columns_max) {
    const auto comma = line.find(',');
    parts.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) break;
    line.remove_prefix(comma + 1);
  }
  return parts;
}

}  // namespace

std::string_view haproxy_stat::field(const std::vector<std::string_view>& row,
                                     std::string_view name) const {
  const auto column = std::ranges::find(heading_, name);
  const auto index = static_cast<std::size_t>(column - heading_.begin());
  return index < row.size() ? row[index] : std::string_view{};
}

bool haproxy_stat::read(std::string_view line) {
  pool_.reset();
  auto text = trimmed(line);
  if (text.starts_with("# ")) text.remove_prefix(2);
  if (text.starts_with("pxname,svname,")) {
    const auto names = parts_of(text);
    heading_.assign(names.begin(), names.end());
    return true;
  }
  // The first seven are in the order of the heading since HAProxy 1.3.
  constexpr std::size_t shortest = 7;
  if (heading_.empty() || !text.contains(',') || text.contains(' ')) return false;
  const auto row = parts_of(text);
  if (row.size() < shortest || row[0].empty() || row[1].empty()) return false;
  const auto leased = whole_number(field(row, "scur"));
  if (!leased) return false;
  const auto size = whole_number(field(row, "slim"));
  const bool is_frontend = row[1] == "FRONTEND";
  if (row[1] == "BACKEND" || !size || *size == 0) return true;
  pool_ = connection_pool{.program = "HAProxy",
                          .name = std::string(row[0]) + "/" + std::string(row[1]),
                          .of_workers = is_frontend,
                          .leased = leased,
                          .waiting = whole_number(field(row, "qcur")),
                          .size = size};
  return true;
}

}  // namespace waitstate::paste
