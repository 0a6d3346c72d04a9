#pragma once

// HTTP for plain threads, and nothing else: these headers need no Boost, so that they compile in a
// fraction of the time that waitstate/client/http.h takes. Settings and coroutines are there.
#include "waitstate/client/core/io_threads.h"
#include "waitstate/client/http/blocking_http.h"
#include "waitstate/client/http/http_message.h"
