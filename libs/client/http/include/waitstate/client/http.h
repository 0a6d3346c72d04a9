#pragma once

// HTTP/1.1 over the pool: http_client and blocking_http for any URL, http_service for the servers
// of one service, http_stream for bodies in parts.
#include "waitstate/client.h"
#include "waitstate/client/http/blocking_http.h"
#include "waitstate/client/http/http_client.h"
#include "waitstate/client/http/http_message.h"
#include "waitstate/client/http/http_service.h"
#include "waitstate/client/http/http_stream.h"
#include "waitstate/client/http/http_url.h"
