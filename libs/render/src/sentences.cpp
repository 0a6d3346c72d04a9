#include "sentences.h"

#include <cctype>

#include "waitstate/render/columns.h"

namespace waitstate::render {
namespace {

/// Where the sentence that begins at `from` ends: behind its full stop.
std::size_t end_of_sentence(std::string_view text, std::size_t from) {
  for (auto stop = text.find(". ", from); stop != text.npos; stop = text.find(". ", stop + 1)) {
    const bool goes_on =
        stop + 2 < text.size() && std::islower(static_cast<unsigned char>(text[stop + 2])) != 0;
    if (!goes_on) return stop + 1;
  }
  return text.size();
}

}  // namespace

std::string first_sentences(std::string_view text, std::size_t width, std::size_t lines) {
  auto end = end_of_sentence(text, 0);
  while (end < text.size()) {
    const auto longer = end_of_sentence(text, end + 1);
    if (wrap(text.substr(0, longer), width).size() > lines) break;
    end = longer;
  }
  return std::string(text.substr(0, end));
}

}  // namespace waitstate::render
