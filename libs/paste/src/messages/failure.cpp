#include "messages/failure.h"

#include <algorithm>
#include <span>

#include "messages/phrase.h"
#include "text/words.h"

namespace waitstate::paste {
namespace {

// All in small letters. Numbers are errno values: 98 and 99 of Linux, 48 and 49 of BSD and macOS,
// 10000 and more of Windows.
constexpr std::string_view no_address[] = {"assign requested address",
                                           "eaddrnotavail",
                                           "address not available",
                                           "errno 99",
                                           "errno=99",
                                           "errno: 99",
                                           "errno: -99",
                                           "(99: ",
                                           "(99)",
                                           "os error 99",
                                           "err=-99",
                                           "delayed connect error: 99",
                                           "immediate connect error: 99",
                                           "errno 49",
                                           "errno=49",
                                           "errno: -49",
                                           "(49: ",
                                           "os error 49",
                                           "die angeforderte adresse kann nicht zugewiesen werden",
                                           "assigner l'adresse demandée",
                                           "attribuer l'adresse demandée",
                                           "asignar la dirección solicitada",
                                           "atribuir endereço requisitado",
                                           "atribuir o endereço solicitado",
                                           "assegnare l'indirizzo richiesto",
                                           "无法指定被请求的地址",
                                           "不能指定请求的地址",
                                           "無法指定所要求的位址",
                                           "要求されたアドレスを割り当てられません",
                                           "назначить запрошенный адрес"};
constexpr std::string_view not_valid[] = {"wsaeaddrnotavail", "10049",
                                          "address is not valid in its context"};
constexpr std::string_view no_port[] = {"10055",
                                        "wsaenobufs",
                                        "no more local ports",
                                        "no free ports",
                                        "no available local port",
                                        "system lacked sufficient buffer space",
                                        "buffer space available (maximum connections reached"};
constexpr std::string_view in_use[] = {"address already in use",
                                       "eaddrinuse",
                                       "address in use",
                                       "errno 98",
                                       "errno=98",
                                       "errno: 98",
                                       "errno: -98",
                                       "(98: ",
                                       "(98)",
                                       "os error 98",
                                       "err=-98",
                                       "err = -98",
                                       "err: -98",
                                       "error -98",
                                       "errno -98",
                                       "addressinuse",
                                       "only one usage of each socket address",
                                       "wsaeaddrinuse",
                                       "10048",
                                       "port is already allocated",
                                       "errno 48",
                                       "errno=48",
                                       "errno: -48",
                                       "(48: ",
                                       "(48)",
                                       "os error 48",
                                       "jede socketadresse",
                                       "chaque adresse de socket",
                                       "cada dirección de socket",
                                       "cada endereço de soquete",
                                       "ogni indirizzo di socket",
                                       "每个套接字地址",
                                       "每個通訊端位址",
                                       "各ソケット アドレス",
                                       "各ソケットアドレス",
                                       "использование адреса сокета",
                                       "adresse wird bereits verwendet",
                                       "adresse déjà utilisée",
                                       "dirección ya se está usando",
                                       "dirección ya está en uso",
                                       "endereço já em uso",
                                       "endereço já está em uso",
                                       "indirizzo già in uso",
                                       "地址已在使用",
                                       "地址已被使用",
                                       "地址已经被使用",
                                       "位址已被使用",
                                       "アドレスは既に使用",
                                       "адрес уже используется"};
constexpr std::string_view no_descriptor[] = {"too many open files",
                                              "emfile",
                                              "errno 24",
                                              "errno=24",
                                              "errno: -24",
                                              "(24: ",
                                              "os error 24",
                                              "wsaemfile",
                                              "10024",
                                              "too many open file",
                                              "no file descriptors available",
                                              "can't open file descriptor",
                                              "out of file descriptors",
                                              "no more file descriptors",
                                              "file descriptor limit reached",
                                              "fd limit",
                                              "too many files open",
                                              "worker_connections exceed open file resource limit",
                                              "zu viele offene dateien",
                                              "trop de fichiers ouverts",
                                              "demasiados archivos abiertos",
                                              "demasiados ficheros abiertos",
                                              "muitos arquivos abertos",
                                              "arquivos abertos demais",
                                              "troppi file aperti",
                                              "打开的文件过多",
                                              "打开文件过多",
                                              "開啟檔案過多",
                                              "開いているファイルが多すぎます",
                                              "лишком много открытых файлов"};
constexpr std::string_view table_full[] = {"too many open files in system",
                                           "enfile",
                                           "errno 23",
                                           "errno=23",
                                           "(23: ",
                                           "os error 23",
                                           "file-max limit",
                                           "file table overflow",
                                           "file: table is full",
                                           "kern.maxfiles limit exceeded",
                                           "zu viele offene dateien im system",
                                           "trop de fichiers ouverts dans le système",
                                           "demasiados archivos abiertos en el sistema"};
constexpr std::string_view not_permitted[] = {"forbidden by its access permissions",
                                              "wsaeacces",
                                              "10013",
                                              "listen eacces",
                                              "bind: permission denied",
                                              "bind() failed (13: permission denied)"};
constexpr std::string_view dead_lease[] = {"failed to validate connection",
                                           "no operations allowed after connection closed"};
constexpr std::string_view no_lease[] = {
    "connection is not available, request timed out",
    "timeout waiting for connection from pool",
    "timed out waiting for connection from pool",
    "connection pool is full",
    "queuepool limit",
    "all pooled connections were in use",
    "obtaining a connection from the pool",
    "get a resource from the pool",
    "get a connection, pool error",
    "connection pool timeout",
    "connection pool exhausted",
    "connectionpool exhausted",
    "pool exhausted",
    "pool is exhausted",
    "pool empty. unable to fetch a connection",
    "max pool size was reached",
    "checking out a connection from connection pool",
    "waitqueuetimeouterror",
    "mongowaitqueuefullexception",
    "the wait queue for acquiring a connection",
    "resourcerequest timed out",
    "the pool is probably full",
    "timeout acquiring a connection",
    "connectionacquiretimeouterror",
    "sequelizeconnectionacquiretimeouterror",
    "acquire connection from pool",
    "acquire a connection from the pool",
    "connectionpooltimeoutexception",
    "pooltimeout",
    "pool limit of size",
    "pendingacquirequeue has reached its maximum size",
    "pool acquire timeout",
    "pool acquisition timeout",
    "connection pool shut down due to exhaustion",
    "no free connections in pool",
    "no connections available in the pool",
    "no available connections in pool",
    "too many connections in pool",
    "acquire operation took longer then configured maximum time",
    "acquire operation took longer than the configured maximum time",
    "cannot get a connection, pool error",
    "an attempt by a client to checkout a connection has timed out",
    "unable to get managed connection",
    "no managed connections available",
    "could not obtain connection from pool",
    "could not get a connection from the pool",
    "could not checkout connection",
    "timeout expired. the timeout period elapsed prior to obtaining a connection from the pool",
    "too many clients already",
    "max number of clients reached",
    "too many connections",
    "remaining connection slots are reserved",
    "connectionpool: full",
    "error getting connection from pool",
    "timed out waiting for a free available connection",
    "operation timed out while waiting for a connection from the pool",
    "unable to fetch a connection",
    "no connection available from pool",
    "sql: database is closed waiting for connection",
    "pool timed out while waiting for an open connection",
    "getconnectiontimeoutexception",
    "poolexhaustedexception",
    "nosuchelementexception: unable to validate object",
    "timeout waiting for idle object",
    "knex: timeout acquiring a connection"};
constexpr std::string_view timed_out[] = {
    "connection timed out",
    "connect timed out",
    "etimedout",
    "connect timeout",
    "connecttimeout",
    "connecttimeouterror",
    "errno 110",
    "(110: ",
    "os error 110",
    "wsaetimedout",
    "10060",
    "connecttimeoutexception",
    "connection attempt failed because the connected party did not properly respond",
    "connection timeout expired",
    "timed out connecting",
    "timed out while connecting",
    "did not properly respond after a period of time",
    "operation timed out",
    "(60: operation timed out)",
    "os error 60"};
constexpr std::string_view refused[] = {
    "connection refused", "econnrefused",        "errno 111", "errno: -111", "(111: ",
    "os error 111",       "actively refused it", "10061",     "os error 61", "errno 61"};
constexpr std::string_view reset[] = {"connection reset by peer",
                                      "econnreset",
                                      "broken pipe",
                                      "epipe",
                                      "connection reset",
                                      "errno 104",
                                      "(104: ",
                                      "(32: ",
                                      "os error 104",
                                      "os error 32",
                                      "forcibly closed by the remote host",
                                      "upstream prematurely closed connection",
                                      "10054"};

/// A bare number of Windows ("10048") is one only beside a word of sockets.
bool is_about_sockets(std::string_view l) {
  return has_any(l, {"socket", "socketexception", "wsa", "winsock", "connect", "bind", "errno",
                     "error", "address", "tcp", "buffer space", "winerror", "failed"});
}

/// Does the line hold the number, and not as a port ("10.0.0.1:10048")?
bool has_number(std::string_view l, std::string_view number) {
  for (auto at = l.find(number); at != std::string_view::npos; at = l.find(number, at + 1)) {
    const auto end = at + number.size();
    const bool open = at == 0 || (!is_digit(l[at - 1]) && !is_letter(l[at - 1]) &&
                                  l[at - 1] != ':' && l[at - 1] != '.');
    if (open && (end == l.size() || !is_digit(l[end]))) return true;
  }
  return false;
}

bool has_error(std::string_view l, std::span<const std::string_view> phrases) {
  for (const auto phrase : phrases) {
    if (!l.contains(phrase)) continue;
    const bool number = is_digit(phrase.front());
    if (!(number ? has_number(l, phrase) : has_phrase(l, phrase))) continue;
    if ((!number && !phrase.ends_with(')')) || is_about_sockets(l)) return true;
  }
  return false;
}

/// "port 8080 was already in use" is about a port; a name or a file may be in use too.
bool is_port_in_use(std::string_view l) {
  return has_any(l, {"was already in use", "is already in use"}) && has_any(l, {"port", "address"});
}

/// Nearly every line ends here: each wording above has one of these.
bool may_be_error(std::string_view l) {
  constexpr std::string_view hints[] = {
      "err",  "ddr",     "fil",     "pool",     "time",     "conn",   "pipe",    "100",
      "(99",  "(98",     "(24: ",   "(23: ",    "(11",      "(32: ",  "(104: ",  "(48",
      "(49",  "port",    "acquire", "queue",    "fd limit", "adress", "indiriz", "direcci",
      "ende", "dateien", "fich",    "archivos", "arquivos", "client", "slots",   "socket",
      "地址", "位址",    "文件",    "檔案",     "アドレス", "ファイ", "адрес",   "файл"};
  return std::ranges::any_of(hints, [&](auto h) { return l.contains(h); });
}

}  // namespace

std::optional<failure> failure_of(std::string_view l) {
  if (!may_be_error(l)) return std::nullopt;
  const bool full_buffers = l.contains("buffer space") && l.contains("queue was full");
  if (has_error(l, no_port) || full_buffers) return failure::no_port;
  if (has_error(l, not_valid)) return failure::address_not_valid;
  if (has_error(l, no_address)) return failure::address_not_available;
  if (has_error(l, in_use) || is_port_in_use(l)) return failure::address_in_use;
  if (has_error(l, table_full)) return failure::file_table_full;
  if (has_error(l, no_descriptor)) return failure::no_descriptor;
  if (has_error(l, not_permitted)) return failure::not_permitted;
  if (has_any(l, no_lease)) return failure::no_lease;
  if (has_any(l, dead_lease)) return failure::dead_lease;
  const bool dial_timeout = has_phrase(l, "i/o timeout") && has_phrase(l, "dial");
  if (dial_timeout || has_error(l, timed_out)) return failure::timed_out;
  if (has_error(l, refused)) return failure::refused;
  if (has_error(l, reset)) return failure::reset;
  return std::nullopt;
}

bool is_worded_by_windows(std::string_view l) {
  constexpr std::string_view marks[] = {"connectex",
                                        "winerror",
                                        "wsaeaddrinuse",
                                        "wsaenobufs",
                                        "wsaeaddrnotavail",
                                        "wsaetimedout",
                                        "wsaemfile",
                                        "actively refused it",
                                        "forcibly closed by the remote host",
                                        "did not properly respond after a period of time",
                                        "forbidden by its access permissions",
                                        "wsaeacces",
                                        "only one usage of each socket address",
                                        "system lacked sufficient buffer space",
                                        "not valid in its context",
                                        "in use: connect",
                                        "buffer space available (maximum connections reached",
                                        "in use: no further information",
                                        "jede socketadresse",
                                        "chaque adresse de socket",
                                        "cada dirección de socket",
                                        "cada endereço de soquete",
                                        "ogni indirizzo di socket",
                                        "每个套接字地址",
                                        "每個通訊端位址",
                                        "各ソケット アドレス",
                                        "各ソケットアドレス",
                                        "использование адреса сокета"};
  if (has_any(l, marks)) return true;
  constexpr std::string_view numbers[] = {"10013", "10048", "10049", "10055",
                                          "10060", "10061", "10024"};
  return has_error(l, numbers);
}

bool is_worded_by_bsd(std::string_view l) {
  return has_any(l, {"can't assign requested address", "errno 49", "errno 48", "os error 49",
                     "os error 48", "(49: ", "(48: ", "errno: -49", "errno: -48"});
}

}  // namespace waitstate::paste
