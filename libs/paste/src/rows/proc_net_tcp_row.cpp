#include <algorithm>
#include <array>
#include <limits>

#include "rows/readers.h"
#include "text/tokens.h"

namespace waitstate::paste {
namespace {

constexpr std::size_t v4_digits = 8;
constexpr std::size_t v6_digits = 32;

/// The kernel prints each four bytes of an address as one number of the machine.
std::optional<tcp::address> read_address(std::string_view digits) {
  if (digits.size() != v4_digits && digits.size() != v6_digits) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < digits.size() / v4_digits; ++i) {
    const auto word = parse_number<std::uint32_t>(digits.substr(i * v4_digits, v4_digits), 16);
    if (!word) return std::nullopt;
    for (std::size_t b = 0; b < 4; ++b) {
      bytes[i * 4 + b] = static_cast<std::uint8_t>(*word >> (8 * b));
    }
  }
  if (digits.size() == v6_digits) return tcp::address::v6(bytes);
  return tcp::address::v4({bytes[0], bytes[1], bytes[2], bytes[3]});
}

/// "0100007F:1F90"
std::optional<text_endpoint> read_hex_endpoint(std::string_view word) {
  const auto colon = word.find(':');
  if (colon == word.npos || word.size() != colon + 5) return std::nullopt;
  const auto address = read_address(word.substr(0, colon));
  const auto port = parse_number<std::uint16_t>(word.substr(colon + 1), 16);
  if (!address || !port) return std::nullopt;
  return text_endpoint{.host = word.substr(0, colon), .port = *port, .address = *address};
}

struct pair {
  std::uint32_t first;
  std::uint32_t second;
};

/// Two hexadecimal numbers with a colon between them.
std::optional<pair> read_pair(std::string_view word) {
  const auto colon = word.find(':');
  if (colon == word.npos) return std::nullopt;
  const auto first = parse_number<std::uint32_t>(word.substr(0, colon), 16);
  const auto second = parse_number<std::uint32_t>(word.substr(colon + 1), 16);
  if (!first || !second) return std::nullopt;
  return pair{.first = *first, .second = *second};
}

/// tr and tm->when; the latter in hundredths of a second, whatever the kernel's own clock.
void read_timer(std::string_view word, row& r) {
  const auto timer = read_pair(word);
  if (!timer || timer->first > 4) return;
  r.timer = static_cast<socket_timer>(timer->first);
  // A timer that is overdue shows as a number just below 2^32.
  constexpr std::uint32_t hundredths_max = std::numeric_limits<std::int32_t>::max() / 10;
  r.timer_ms = timer->second <= hundredths_max ? timer->second * 10 : 0;
}

std::optional<tcp::state> read_state_number(std::string_view word) {
  const auto number = parse_number<std::uint8_t>(word, 16);
  if (word.size() != 2 || !number || *number == 0 || *number >= tcp::state_count) {
    return std::nullopt;
  }
  return static_cast<tcp::state>(*number);
}

bool is_slot(std::string_view word) {
  return word.size() >= 2 && word.ends_with(':') && is_digit(word[word.size() - 2]);
}

}  // namespace

std::optional<row> read_proc_net_tcp_row(std::string_view line) {
  const tokens words(line);
  std::size_t slot = 0;
  while (!(is_slot(words[slot]) && read_hex_endpoint(words[slot + 1]))) {
    if (words[slot].empty() || slot == prefix_words_max) return std::nullopt;
    ++slot;
  }
  if (find_tcp_word(words)) return std::nullopt;
  const auto local = read_hex_endpoint(words[slot + 1]);
  const auto remote = read_hex_endpoint(words[slot + 2]);
  const auto state = read_state_number(words[slot + 3]);
  // No socket in the table of TCP is closed; UDP's rows look the same and are all in this state.
  if (!local || !remote || !state || *state == tcp::state::closed) return std::nullopt;
  row r{.state = *state, .local = *local, .remote = *remote};
  if (const auto queues = read_pair(words[slot + 4])) {
    r.send_queue = queues->first;
    r.receive_queue = queues->second;
  }
  read_timer(words[slot + 5], r);
  r.inode = parse_number<std::uint32_t>(words[slot + 9]);
  if (r.inode && *r.inode != 0) r.uid = parse_number<std::uint32_t>(words[slot + 7]);
  return r;
}

table_header proc_net_tcp_header(std::string_view line) {
  const bool is_header = line.contains("local_address") && line.contains("tx_queue");
  return is_header ? table_header::with_state : table_header::none;
}

}  // namespace waitstate::paste
