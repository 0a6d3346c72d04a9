#include "facts/server_status.h"

#include <array>
#include <utility>

#include "text/words.h"

namespace waitstate::paste {

bool server_status::read_fpm(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  const auto key = line.substr(0, colon);
  const auto value = trimmed(line.substr(colon + 1));
  if (key == "pool" && !value.empty() && !value.contains(' ')) {
    *this = {};
    program_ = "php-fpm";
    name_ = value;
    return true;
  }
  if (program_ != "php-fpm") return false;
  const std::array<std::pair<std::string_view, std::optional<std::uint64_t>*>, 3> wanted{
      {{"listen queue", &waiting_}, {"idle processes", &idle_}, {"active processes", &busy_}}};
  for (const auto& [name, number] : wanted) {
    if (key != name) continue;
    *number = whole_number(value);
    return number->has_value();
  }
  return false;
}

bool server_status::read_apache(std::string_view line) {
  constexpr std::string_view processed = " requests currently being processed, ";
  if (const auto at = line.find(processed); at != std::string_view::npos) {
    *this = {};
    program_ = "Apache";
    busy_ = whole_number(line.substr(0, at));
    idle_ = leading_number(line.substr(at + processed.size()));
    return busy_ && idle_;
  }
  if (line.starts_with("BusyWorkers: ")) {
    *this = {};
    program_ = "Apache";
    busy_ = number_after(line, "BusyWorkers: ");
    return busy_.has_value();
  }
  if (program_ != "Apache" || !line.starts_with("IdleWorkers: ")) return false;
  idle_ = number_after(line, "IdleWorkers: ");
  return idle_.has_value();
}

/// The manager's page: "Max threads: 200 Current thread count: 200 Current threads busy: 200".
bool server_status::read_tomcat(std::string_view line) {
  if (!line.starts_with("Max threads: ")) return false;
  const auto most = number_after(line, "Max threads: ");
  const auto busy = number_after(line, "Current threads busy: ");
  if (!most || !busy || *busy > *most) return false;
  *this = {};
  program_ = "Tomcat";
  busy_ = busy;
  idle_ = *most - *busy;
  return true;
}

bool server_status::read(std::string_view line) {
  const auto text = trimmed(line);
  return read_fpm(text) || read_apache(text) || read_tomcat(text);
}

std::optional<connection_pool> server_status::workers() const {
  if (!busy_ || !idle_) return std::nullopt;
  const bool are_all = *idle_ == 0 && (program_ != "php-fpm" || waiting_.value_or(0) > 0);
  return connection_pool{.program = program_,
                         .name = name_,
                         .of_workers = true,
                         .leased = busy_,
                         .idle = idle_,
                         .waiting = waiting_,
                         .size = are_all ? busy_ : std::nullopt};
}

}  // namespace waitstate::paste
