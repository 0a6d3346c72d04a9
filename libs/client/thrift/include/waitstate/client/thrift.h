#pragma once

// Thrift over the pool: thrift_channel (framed, with Finagle's upgrade), mux_channel (ThriftMux),
// and thrift_transport for generated clients; the last includes Apache Thrift.
#include "waitstate/client.h"
#include "waitstate/client/thrift/mux_channel.h"
#include "waitstate/client/thrift/thrift_caller.h"
#include "waitstate/client/thrift/thrift_channel.h"
#include "waitstate/client/thrift/thrift_frame.h"
#include "waitstate/client/thrift/thrift_message.h"
#include "waitstate/client/thrift/thrift_transport.h"
#include "waitstate/client/thrift/twitter_upgrade.h"
