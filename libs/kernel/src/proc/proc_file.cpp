#include "proc/proc_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <system_error>

#include "waitstate/base/fd.h"

namespace waitstate::kernel {

std::optional<std::string> read_file_at(int directory, const std::string& path,
                                        std::size_t bytes_max) {
  const fd file(::openat(directory, path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return std::nullopt;
  std::string text;
  while (text.size() < bytes_max) {
    const auto had = text.size();
    text.resize(std::min(bytes_max, std::max<std::size_t>(4096, had * 2)));
    const auto got = ::read(file.get(), text.data() + had, text.size() - had);
    text.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
  }
  return text;
}

std::optional<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  return read_file_at(AT_FDCWD, path, bytes_max);
}

std::string_view take_until(std::string_view& text, char end) {
  const auto at = text.find(end);
  const auto taken = text.substr(0, at);
  text = at == text.npos ? std::string_view{} : text.substr(at + 1);
  return taken;
}

std::string_view take_word(std::string_view& text) {
  const auto start = text.find_first_not_of(" \t\n\r");
  if (start == text.npos) {
    text = {};
    return {};
  }
  text.remove_prefix(start);
  const auto word = text.substr(0, text.find_first_of(" \t\n\r"));
  text.remove_prefix(word.size());
  return word;
}

template <class Number>
std::optional<Number> to_number(std::string_view text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, number);
  if (text.empty() || status != std::errc{} || rest != end) return std::nullopt;
  return number;
}

template std::optional<std::int32_t> to_number(std::string_view);
template std::optional<std::uint32_t> to_number(std::string_view);
template std::optional<std::uint64_t> to_number(std::string_view);
template std::optional<double> to_number(std::string_view);

}  // namespace waitstate::kernel
