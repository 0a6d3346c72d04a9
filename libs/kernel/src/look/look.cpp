#include "waitstate/kernel/look.h"

namespace waitstate::kernel {

result<snapshot> look(const look_options& options) {
  return observer(options).last_look();
}

}  // namespace waitstate::kernel
