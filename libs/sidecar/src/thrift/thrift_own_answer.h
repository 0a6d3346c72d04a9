#pragma once

#include <string>
#include <string_view>

#include "waitstate/client/thrift/thrift_message.h"

namespace waitstate::sidecar {

/// The answer to a call that no server has answered: a TApplicationException (internal error) under
/// the call's name and number, in its protocol, with "waitstate: " and the reason as its message.
/// Generated clients throw it.
[[nodiscard]] std::string thrift_own_answer(const client::thrift_envelope& call,
                                            std::string_view why);

/// Makes a message of type call one of type oneway, in place.
void make_oneway(std::string& message, const client::thrift_envelope& of);

}  // namespace waitstate::sidecar
