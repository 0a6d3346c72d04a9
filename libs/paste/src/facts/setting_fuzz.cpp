#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "facts/setting.h"

/// A setting of sysctl reads the same when it is written again as "key = value"; whatever is filed,
/// the port range makes sense.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto s = paste::read_setting(line);
  if (!s) return 0;
  network_namespace ns;
  host_facts host;
  paste::apply(*s, ns, host);
  if (const auto range = ns.ephemeral_range(); range && range->size() == 0) std::abort();
  const bool plain = s->value.find_first_not_of("0123456789 ") == std::string::npos;
  if (s->os == os_family::windows || !plain || s->value.empty()) return 0;
  const auto again = paste::read_setting(s->key + " = " + s->value);
  if (!again || !(*again == *s)) std::abort();
  if (!(paste::make_setting(s->key, s->value) == s)) std::abort();
  return 0;
}
