#pragma once

// Redis over the pool: redis_client and redis_session, blocking_redis without coroutines.
#include "waitstate/client.h"
#include "waitstate/client/redis/blocking_redis.h"
#include "waitstate/client/redis/redis_client.h"
#include "waitstate/client/redis/redis_command.h"
#include "waitstate/client/redis/redis_reply.h"
#include "waitstate/client/redis/redis_roles.h"
#include "waitstate/client/redis/redis_session.h"
#include "waitstate/client/redis/redis_settings.h"
