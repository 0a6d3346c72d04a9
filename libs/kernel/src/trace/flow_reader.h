#pragma once

#include "bpf/followed_record.h"
#include "trace/follower.h"

namespace waitstate::kernel {

/// Understands what connections.bpf.c added up, and takes note of whose names it has.
[[nodiscard]] met_flow read_flow(const flow_key& key, const flow_sums& sums,
                                 std::map<std::int32_t, met_process>& processes);

}  // namespace waitstate::kernel
