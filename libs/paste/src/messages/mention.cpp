#include "messages/mention.h"

#include <algorithm>
#include <span>

#include "messages/phrase.h"
#include "text/words.h"

namespace waitstate::paste {
namespace {

using phrases = std::span<const std::string_view>;

bool holds_any(std::string_view l, phrases parts) {
  return std::ranges::any_of(parts, [&](auto part) { return l.contains(part); });
}

bool starts_with_any(std::string_view text, phrases starts) {
  return std::ranges::any_of(starts, [&](auto start) { return text.starts_with(start); });
}

bool is_code(std::string_view text) {
  constexpr std::string_view starts[] = {"//",      "/*",      "#define", "raise ",  "throw new",
                                         "except ", "catch (", "rescue ", "if (err", "} catch",
                                         "fprintf", "printf(", "perror(", "case e"};
  constexpr std::string_view parts[] = {
      "== e",         "== 'e",          "== \"e",  "== errno.e", "errors.new(", "!= e",
      "== syscall.e", "err, syscall.e", "errno.e", "throw new ", "fmt.errorf("};
  return starts_with_any(text, starts) || holds_any(text, parts);
}

/// "EMFILE The per-process limit on ..." of a manual.
bool is_definition(std::string_view text) {
  const auto name = text.substr(0, text.find(' '));
  constexpr std::size_t name_min = 5;  // ENFILE and longer
  const bool is_name =
      name.size() > name_min && name.starts_with('e') && std::ranges::all_of(name, is_letter);
  const auto rest = trimmed(text.substr(name.size()));
  constexpr std::string_view articles[] = {"the ", "a ", "an ", "no "};
  return is_name && starts_with_any(rest, articles);
}

bool is_explained(std::string_view l) {
  constexpr std::string_view sayings[] = {
      "if you encounter",     "if you see ",         "if you get ",         "if you receive",
      "you may encounter",    "you might encounter", "you may see ",        "you might see ",
      "you may get ",         "you might get ",      "you may receive",     "the dreaded",
      "is a common ",         "common error",        "common cause",        "common reason",
      "this error manifests", "this error occurs",   "error occurs when",   "errors occur when",
      "this error means",     "error can occur",     "comprehensive guide", "step-by-step guide",
      "how to fix ",          "how to resolve ",     "how to troubleshoot", "is thrown when",
      "is raised when",       "is returned when",    "indicates that the"};
  // What any of them does.
  constexpr std::string_view anybody[] = {"a server that ", "a client that ", "a process that ",
                                          "a program that ", "a socket that "};
  return holds_any(l, sayings) || starts_with_any(l, anybody) ||
         std::ranges::any_of(anybody, [&](auto who) {
           const auto at = l.find(who);
           return at != std::string_view::npos && at >= 2 && l.substr(at - 2, 2) == ". ";
         });
}

/// "* Fixed: ..." of a list of changes.
bool is_change(std::string_view text) {
  const auto first = text.find_first_not_of("*-+ \t");
  if (first == std::string_view::npos) return false;
  constexpr std::string_view starts[] = {
      "fixed",   "fix ",     "fix:",     "fix(",    "fixes ",  "added",    "add ",
      "changed", "improved", "improve ", "bugfix",  "feat:",   "feat(",    "docs:",
      "removed", "prevents", "prevent ", "handle ", "rescue ", "resolves "};
  return starts_with_any(text.substr(first), starts);
}

}  // namespace

bool is_mention(std::string_view l) {
  const auto text = trimmed(l);
  return is_code(text) || is_definition(text) || is_explained(text) || is_change(text);
}

}  // namespace waitstate::paste
