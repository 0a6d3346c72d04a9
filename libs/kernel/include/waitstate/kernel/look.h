#pragma once

#include "waitstate/base/result.h"
#include "waitstate/kernel/observer.h"
#include "waitstate/snapshot/snapshot.h"

namespace waitstate::kernel {

/// One look, of an observer that is made for it: no rates. Fails as observer::look() does.
[[nodiscard]] result<snapshot> look(const look_options& options);

}  // namespace waitstate::kernel
