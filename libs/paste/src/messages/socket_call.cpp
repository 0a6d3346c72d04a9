#include "messages/socket_call.h"

#include <algorithm>
#include <array>
#include <span>

#include "messages/phrase.h"
#include "text/words.h"

namespace waitstate::paste {
namespace {

struct wording {
  std::string_view text;
  socket_call call;
};

// Go writes the failing system call last, before its error.
constexpr std::array<wording, 7> last_words{{{": bind: ", socket_call::bind},
                                             {": connect: ", socket_call::connect},
                                             {": connectex: ", socket_call::connect},
                                             {": listen: ", socket_call::listen},
                                             {"in use: connect", socket_call::connect},
                                             {"address: connect", socket_call::connect},
                                             // Java's words for a connect() that Windows refused.
                                             {": no further information", socket_call::connect}}};

constexpr std::array<wording, 46> words{{
    {"stream_socket_server", socket_call::listen},
    {"bind", socket_call::bind},
    {"bind_to_addr", socket_call::bind},
    {"binding", socket_call::bind},
    {"bound", socket_call::bind},
    {"commbind", socket_call::bind},
    {"jvm_bind", socket_call::listen},
    {"source address", socket_call::bind},
    {"bind source", socket_call::bind},
    {"listen", socket_call::listen},
    {"listening", socket_call::listen},
    {"listener", socket_call::listen},
    {"listeners", socket_call::listen},
    {"server socket", socket_call::listen},
    {"serversocket", socket_call::listen},
    {"web server failed to start", socket_call::listen},
    {"failed to start", socket_call::listen},
    {"can't start server", socket_call::listen},
    {"could not start", socket_call::listen},
    {"starting proxy", socket_call::listen},
    {"port is already allocated", socket_call::listen},
    {"was already in use", socket_call::listen},
    {"connect", socket_call::connect},
    {"connecting", socket_call::connect},
    {"connects", socket_call::connect},
    {"connection", socket_call::connect},
    {"connectex", socket_call::connect},
    {"on_connect", socket_call::connect},
    {"connectionexception", socket_call::connect},
    {"connectexception", socket_call::connect},
    {"noroutetohostexception", socket_call::connect},
    {"newconnectionerror", socket_call::connect},
    {"connecterror", socket_call::connect},
    {"connectionerror", socket_call::connect},
    {"clientconnectorerror", socket_call::connect},
    {"httpconnectionpool", socket_call::connect},
    {"httpsconnectionpool", socket_call::connect},
    {"dial", socket_call::connect},
    {"upstream", socket_call::connect},
    {"outgoing", socket_call::connect},
    {"outbound", socket_call::connect},
    {"fetch failed", socket_call::connect},
    // What clients of HTTP say of a request; a server's listener has none.
    {"when processing request", socket_call::connect},
    {"retrying request", socket_call::connect},
    {"sending request", socket_call::connect},
    {"stream_socket_client", socket_call::connect},
}};

std::size_t find_phrase(std::string_view line, std::string_view phrase) {
  for (auto at = line.find(phrase); at != std::string_view::npos; at = line.find(phrase, at + 1)) {
    if (has_phrase(line.substr(at == 0 ? 0 : at - 1, phrase.size() + (at == 0 ? 1 : 2)), phrase)) {
      return at;
    }
  }
  return std::string_view::npos;
}

}  // namespace

socket_call call_of(std::string_view l) {
  for (const auto& [text, call] : last_words) {
    if (l.contains(text))
      return call == socket_call::bind && l.contains("listen ") ? socket_call::listen : call;
  }
  auto first = std::string_view::npos;
  auto found = socket_call::unknown;
  for (const auto& [text, call] : words) {
    const auto at = find_phrase(l, text);
    if (at >= first) continue;
    first = at;
    found = call;
  }
  return found;
}

socket_call call_in_trace(std::string_view l) {
  constexpr std::string_view listens[] = {
      "net.listen",       "serversocket",    "serversocketchannel", "setuplistenhandle",
      "listeninclusters", "'listen'",        "create_server",       "start_server",
      "server_bind",      "server_activate", "tcplistener",         "tcpserver"};
  constexpr std::string_view binds[] = {".bind(", "net.bind", "bind0", "socketbind", "'bind'"};
  constexpr std::string_view connects[] = {
      ".connect(",         "net.connect",   "connect0",         "socketconnect", "'connect'",
      "create_connection", "doconnect",     "connecttoaddress", "finishconnect", "pollconnect",
      "tcpclient",         "connectsocket", ".connectasync("};
  const auto has = [&](std::span<const std::string_view> marks) {
    return std::ranges::any_of(marks, [&](auto m) { return l.contains(m); });
  };
  if (has(listens)) return socket_call::listen;
  if (has(binds)) return socket_call::bind;
  return has(connects) ? socket_call::connect : socket_call::unknown;
}

}  // namespace waitstate::paste
