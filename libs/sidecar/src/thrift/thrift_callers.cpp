#include "thrift/thrift_callers.h"

#include <utility>

#include "waitstate/client/thrift/mux_channel.h"
#include "waitstate/client/thrift/thrift_channel.h"

namespace waitstate::sidecar {
namespace {

client::thrift_settings channel_settings(const thrift_options& how) {
  return {.frame_max = how.message_max,
          .attempt_upgrade = how.upgrade,
          .client_id = how.client_id,
          .dest = how.dest};
}

}  // namespace

client::pool_settings greeted_as_thrift(client::pool_settings settings, const thrift_options& how) {
  if (how.is_mux) return client::mux_channel::greeted(std::move(settings));
  return client::thrift_channel::greeted(std::move(settings), channel_settings(how));
}

thrift_service::caller make_thrift_caller(std::shared_ptr<client::cluster> over,
                                          const thrift_options& how) {
  if (!how.is_mux) {
    return {.call = client::thrift_channel::make(std::move(over), channel_settings(how))};
  }
  // client_id and dest are as short as it asks for: the configuration has seen to that.
  auto mux = client::mux_channel::make(
                 std::move(over),
                 {.message_max = how.message_max, .client_id = how.client_id, .dest = how.dest})
                 .value();
  return {.call = mux, .close = [mux] { mux->close(); }};
}

}  // namespace waitstate::sidecar
