#include "messages/message_line.h"

namespace waitstate::paste {

message_kind kind_by_call(message_kind kind, socket_call call) {
  const bool opens = call == socket_call::bind || call == socket_call::listen;
  if (kind == message_kind::address_not_available && opens) return message_kind::address_not_local;
  if (kind == message_kind::address_in_use_on_listen && call == socket_call::connect) {
    return message_kind::address_in_use_on_bind;
  }
  return kind;
}

}  // namespace waitstate::paste
