#pragma once

// The client library without a protocol: connections that are pooled, watched and given back
// (pool), the servers of a service (endpoint_source, cluster), the blocking face (io_threads) and
// the log. The headers in waitstate/client/core are its parts; include this one, they may be cut
// anew.
#include "waitstate/client/core/asio.h"
#include "waitstate/client/core/call_record.h"
#include "waitstate/client/core/call_rules.h"
#include "waitstate/client/core/call_stack.h"
#include "waitstate/client/core/capacity.h"
#include "waitstate/client/core/clock.h"
#include "waitstate/client/core/cluster.h"
#include "waitstate/client/core/cluster_calls.h"
#include "waitstate/client/core/cluster_lease.h"
#include "waitstate/client/core/cluster_metrics.h"
#include "waitstate/client/core/connection.h"
#include "waitstate/client/core/dialer.h"
#include "waitstate/client/core/dns_source.h"
#include "waitstate/client/core/endpoint.h"
#include "waitstate/client/core/endpoint_set.h"
#include "waitstate/client/core/endpoint_source.h"
#include "waitstate/client/core/file_source.h"
#include "waitstate/client/core/foreign_pool.h"
#include "waitstate/client/core/handle_pool.h"
#include "waitstate/client/core/io_threads.h"
#include "waitstate/client/core/lease.h"
#include "waitstate/client/core/ledger.h"
#include "waitstate/client/core/log.h"
#include "waitstate/client/core/pool.h"
#include "waitstate/client/core/pool_limits.h"
#include "waitstate/client/core/pool_metrics.h"
#include "waitstate/client/core/random.h"
#include "waitstate/client/core/reclaim.h"
