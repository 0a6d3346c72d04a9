#pragma once

#include <tl/expected.hpp>

#include "waitstate/base/error.h"

namespace waitstate {

/// A value, or the reason there is none.
///
/// tl::expected rather than std::expected: g++ 12 has no and_then(), and
/// clang before 19 does not see <expected> in libstdc++ at all.
template <class T = void>
using result = tl::expected<T, error>;

using failure = tl::unexpected<error>;

}  // namespace waitstate
