#pragma once

// Clusters as Prometheus' metrics; includes prometheus-cpp.
#include "waitstate/client.h"
#include "waitstate/client/prometheus/prometheus_bridge.h"
