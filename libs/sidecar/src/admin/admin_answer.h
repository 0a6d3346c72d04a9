#pragma once

#include <string>
#include <string_view>

#include "waitstate/sidecar/admin_server.h"

namespace waitstate::sidecar {

struct admin_answer {
  int status = 200;
  std::string_view type = "text/plain; charset=utf-8";
  std::string body;
};

struct admin_request {
  std::string_view method;
  std::string_view target;
  std::string_view body;
  bool may_order = false;  ///< It came over the unix socket.
};

/// The answer to a request, with what the hooks say and do.
[[nodiscard]] admin_answer answer_admin(const admin_request& asked, const admin_hooks& hooks);

}  // namespace waitstate::sidecar
