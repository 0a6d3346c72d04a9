#include "http/chunk_scanner.h"

namespace waitstate::sidecar {
}
