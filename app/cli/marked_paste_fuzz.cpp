#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "app/cli/marked_paste.h"
#include "waitstate/diagnosis/diagnose.h"
#include "waitstate/paste/read.h"

/// No remedy, undo or hint holds a byte of the paste that means something to a shell.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace waitstate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto made = paste::read(cli::marked(text));
  if (!made) return 0;
  if (!cli::marked_command_of(diagnosis::diagnose(*made)).empty()) std::abort();
  return 0;
}
