#include "http/own_answer.h"

namespace waitstate::sidecar {

own_response answer_to(const error& why) {
  const auto answer = [&](int status, std::string_view kind) {
    return own_response{.status = status, .kind = kind, .why = why.what};
  };
  switch (why.code) {
    case errc::timed_out:
      // What was sent was not answered; else nobody was free, or could be reached, in time.
      if (why.is_sent) return answer(504, "http_response_timeout");
      if (why.phase == call_phase::wait) return answer(503, "connection_limit_reached");
      return answer(504, "connection_timeout");
    case errc::overloaded: return answer(503, "connection_limit_reached");
    case errc::refused: return answer(502, "connection_refused");
    case errc::reset: return answer(502, "connection_terminated");
    case errc::unreachable: return answer(502, "destination_ip_unroutable");
    case errc::name_not_found: return answer(502, "dns_error");
    case errc::tls: return answer(502, "tls_protocol_error");
    case errc::corrupt: return answer(502, "http_protocol_error");
    case errc::system: return answer(503, "proxy_internal_error");
    default: return answer(503, "destination_unavailable");
  }
}

}  // namespace waitstate::sidecar
