#include "waitstate/tcp/state.h"

#include <string>

namespace waitstate::tcp {
namespace {

struct spelling {
  std::string_view word;
  state means;
};

// In upper case, with '_' for every separator. Windows' own words follow its language packs;
// netstat of net-tools follows its message catalogues.
constexpr spelling spellings[] = {
    {"ESTABLISHED", state::established},
    {"ESTAB", state::established},
    {"EST", state::established},
    {"SYN_SENT", state::syn_sent},
    {"SYN_RECEIVED", state::syn_received},
    {"SYN_RECV", state::syn_received},
    {"SYN_RCVD", state::syn_received},
    {"FIN_WAIT_1", state::fin_wait_1},
    {"FIN_WAIT1", state::fin_wait_1},
    {"FIN_WAIT_2", state::fin_wait_2},
    {"FIN_WAIT2", state::fin_wait_2},
    {"TIME_WAIT", state::time_wait},
    {"TIMEWAIT", state::time_wait},
    {"CLOSED", state::closed},
    {"CLOSE", state::closed},
    {"UNCONN", state::closed},
    {"CLOSE_WAIT", state::close_wait},
    {"CLOSEWAIT", state::close_wait},
    {"LAST_ACK", state::last_ack},
    {"LASTACK", state::last_ack},
    {"LISTEN", state::listen},
    {"LISTENING", state::listen},
    {"CLOSING", state::closing},
    {"NEW_SYN_RECV", state::new_syn_received},
    {"BOUND", state::bound_inactive},
    {"BOUND_INACTIVE", state::bound_inactive},
    {"UNKNOWN", state::unknown},
    // German
    {"HERGESTELLT", state::established},
    {"VERBUNDEN", state::established},
    {"ABHÖREN", state::listen},
    {"ABHOEREN", state::listen},
    {"WARTEND", state::time_wait},
    {"WARTEN", state::time_wait},
    {"SCHLIESSEN_WARTEN", state::close_wait},
    {"SYN_GESENDET", state::syn_sent},
    // Spanish
    {"ESTABLECIDO", state::established},
    {"ESTABLECIDA", state::established},
    {"ESCUCHA", state::listen},
    {"ESCUCHAR", state::listen},
    {"ESCUCHANDO", state::listen},
    {"ESPERA", state::time_wait},
    {"TIEMPO_ESPERA", state::time_wait},
    {"TIEMPO_DE_ESPERA", state::time_wait},
    {"CERRAR_ESPERAR", state::close_wait},
    // French
    {"CONNECTE", state::established},
    {"CONNECTÉ", state::established},
    {"ETABLIE", state::established},
    {"ÉTABLIE", state::established},
    {"ÉTABLI", state::established},
    {"ECOUTE", state::listen},
    {"ÉCOUTE", state::listen},
    {"EN_ÉCOUTE", state::listen},
    {"ATTENTE", state::time_wait},
    {"FERMER_ATTENTE", state::close_wait},
    {"ATTENTE_FERMETURE", state::close_wait},
    // Portuguese
    {"ESTABELECIDA", state::established},
    {"ESTABELECIDO", state::established},
    {"OUÇA", state::listen},
    {"ESCUTA", state::listen},
    {"OUVINDO", state::listen},
    {"ESPERANDO", state::time_wait},
    // Italian
    {"STABILITA", state::established},
    {"STABILITO", state::established},
    {"ASCOLTO", state::listen},
    {"IN_ASCOLTO", state::listen},
    {"ATTESA", state::time_wait},
    // Polish
    {"USTANOWIONO", state::established},
    {"NASŁUCHIWANIE", state::listen},
    {"CZAS_OCZEKIWANIA", state::time_wait},
    {"OCZEKIWANIE", state::time_wait},
    // Turkish
    {"KURULDU", state::established},
    {"DINLENIYOR", state::listen},
    {"DİNLENİYOR", state::listen},
    // Dutch, Swedish, Danish, Norwegian
    {"VERBONDEN", state::established},
    {"BEZIG_MET_LUISTEREN", state::listen},
    {"LUISTEREN", state::listen},
    {"ANSLUTEN", state::established},
    {"LYSSNAR", state::listen},
    {"LYTTER", state::listen},
    // Russian
    {"УСТАНОВЛЕНО", state::established},
    {"СЛУШАЕТ", state::listen},
    {"ОЖИДАНИЕ", state::time_wait},
    // Chinese, Japanese
    {"已建立", state::established},
    {"正在监听", state::listen},
    {"侦听", state::listen},
    {"监听", state::listen},
    {"確立済み", state::established},
};

/// Upper case for ASCII and for the two-byte letters that the table holds; '_' for '-' and ' '.
std::string normal_form(std::string_view word) {
  std::string out(word);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto c = static_cast<unsigned char>(out[i]);
    if (c >= 'a' && c <= 'z') {
      out[i] = static_cast<char>(c - 'a' + 'A');
    } else if (c == '-' || c == ' ') {
      out[i] = '_';
    } else if (c == 0xC3 && i + 1 < out.size()) {
      // U+00E0..U+00FE are the small letters of U+00C0..U+00DE.
      auto& second = out[i + 1];
      const auto low = static_cast<unsigned char>(second);
      if (low >= 0xA0 && low <= 0xBE && low != 0xB7) second = static_cast<char>(low - 0x20);
      ++i;
    }
  }
  return out;
}

}  // namespace

std::string_view to_string(state s) {
  switch (s) {
    case state::unknown: return "UNKNOWN";
    case state::established: return "ESTABLISHED";
    case state::syn_sent: return "SYN-SENT";
    case state::syn_received:
    case state::new_syn_received: return "SYN-RECEIVED";
    case state::fin_wait_1: return "FIN-WAIT-1";
    case state::fin_wait_2: return "FIN-WAIT-2";
    case state::time_wait: return "TIME-WAIT";
    case state::closed: return "CLOSED";
    case state::close_wait: return "CLOSE-WAIT";
    case state::last_ack: return "LAST-ACK";
    case state::listen: return "LISTEN";
    case state::closing: return "CLOSING";
    case state::bound_inactive: return "BOUND";
  }
  return "UNKNOWN";
}

std::optional<state> parse_state(std::string_view word) {
  constexpr std::size_t word_size_max = 48;
  if (word.empty() || word.size() > word_size_max) return std::nullopt;
  const auto wanted = normal_form(word);
  for (const auto& [spelled, means] : spellings) {
    if (spelled == wanted) return means;
  }
  return std::nullopt;
}

}  // namespace waitstate::tcp
