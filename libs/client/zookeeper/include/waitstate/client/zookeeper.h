#pragma once

// ServerSets in ZooKeeper: zookeeper_source learns the servers of a service, zookeeper_announcer
// joins one.
#include "waitstate/client.h"
#include "waitstate/client/zookeeper/serverset_address.h"
#include "waitstate/client/zookeeper/serverset_member.h"
#include "waitstate/client/zookeeper/zookeeper_announcer.h"
#include "waitstate/client/zookeeper/zookeeper_source.h"
