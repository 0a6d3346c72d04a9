// No bytes break a reader of the runtimes' files, and no name is longer than its bound.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "proc/container_names.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate::kernel;
  constexpr std::size_t longest = 2 * 128 + 1;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (name_in_docker(text).size() > longest) std::abort();
  if (name_in_bundle(text).size() > longest) std::abort();
  if (name_in_podman(text, "aa").size() > longest) std::abort();
  return 0;
}
