#include "http/known_field.h"

#include <algorithm>

#include "http/http_chars.h"

namespace waitstate::sidecar {
namespace {

/// As programs see it that are told of fields by variables: blanks of a name are all alike.
bool is_variable(std::string_view name, std::string_view lowered) {
  return std::equal(name.begin(), name.end(), lowered.begin(), lowered.end(),
                    [](char a, char b) { return (a == '_' ? '-' : lower(a)) == b; });
}

known_field long_field_of(std::string_view name, std::string_view lowered, known_field field) {
  if (is_name(name, lowered)) return field;
  return is_variable(name, lowered) ? known_field::lookalike : known_field::other;
}

}  // namespace

known_field known_field_of(std::string_view name) {
  using enum known_field;
  switch (name.size()) {
    case 2: return is_name(name, "te") ? te : other;
    case 4: return is_name(name, "host") ? host : other;
    case 6: return is_name(name, "expect") ? expect : other;
    case 7:
      if (is_name(name, "upgrade")) return upgrade;
      return is_name(name, "trailer") ? trailer : other;
    case 10:
      if (is_name(name, "connection")) return connection;
      return is_name(name, "keep-alive") ? keep_alive : other;
    case 14: return long_field_of(name, "content-length", content_length);
    case 16: return is_name(name, "proxy-connection") ? proxy_connection : other;
    case 17: return long_field_of(name, "transfer-encoding", transfer_encoding);
    case 19: return is_name(name, "proxy-authorization") ? proxy_authorization : other;
    default: return other;
  }
}

}  // namespace waitstate::sidecar
