#include <iterator>

#include "http_corpus.h"

namespace waitstate::sidecar {
namespace {

using namespace std::string_literals;

const std::string ok = "HTTP/1.1 200 OK\r\n";
const std::string chunked = "Transfer-Encoding: chunked\r\n";
const std::string last = "0\r\n\r\n";
const std::string other = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad";

std::vector<http_case> good() {
  return {
      {"a length", ok + "Content-Length: 5\r\n\r\nhello", "200 +5 kept"},
      {"no bytes", ok + "Content-Length: 0\r\n\r\n", "200 +0 kept"},
      {"chunks", ok + chunked + "\r\n5\r\nhello\r\n" + last, "200 +chunked 15 kept"},
      {"trailers", ok + chunked + "\r\n0\r\nX: y\r\n\r\n", "200 +chunked 11 kept"},
      {"until the end", ok + "\r\nhello", "200 +rest closed"},
      {"Connection: close", ok + "Connection: close\r\nContent-Length: 1\r\n\r\nx",
       "200 +1 closed"},
      {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", "200 +1 closed"},
      {"HTTP/1.0 that stays",
       "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx", "200 +1 kept"},
      {"HTTP/1.0 that stays, until the end", "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n\r\nx",
       "200 +rest closed"},
      {"no reason", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200 +0 kept"},
      {"an empty reason", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "200 +0 kept"},
      {"a reason beyond ASCII", "HTTP/1.1 200 \xc3\xa9\r\nContent-Length: 0\r\n\r\n",
       "200 +0 kept"},
      {"a status of nobody", "HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n", "999 +0 kept"},
      {"204", "HTTP/1.1 204 No Content\r\n\r\n", "204 kept"},
      {"204 with a length of 0", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
       "204 kept"},
      {"304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "304 kept"},
      {"304 with chunks", "HTTP/1.1 304 Not Modified\r\n" + chunked + "\r\n", "304 kept"},
      {"HEAD with a length", ok + "Content-Length: 9\r\n\r\n", "200 kept", "HEAD"},
      {"HEAD with chunks", ok + chunked + "\r\n", "200 kept", "HEAD"},
      {"HEAD with neither", ok + "\r\n", "200 kept", "HEAD"},
      {"100", "HTTP/1.1 100 Continue\r\n\r\n", "100 kept"},
      {"103 with fields", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", "103 kept"},
      {"CONNECT", ok + "\r\n", "200 kept", "CONNECT"},
      {"CONNECT that fails", "HTTP/1.1 403 No\r\nContent-Length: 1\r\n\r\nx", "403 +1 kept",
       "CONNECT"},
      {"half a head", ok, "more"},
      {"half a body", ok + "Content-Length: 5\r\n\r\nhell", "200 +5 more"},
  };
}

/// Bodies that one side sees and the other does not.
std::vector<http_case> bodies() {
  return {
      {"a response behind a response", ok + "Content-Length: 0\r\n\r\n" + other,
       "200 +0 kept stray 41"},
      {"bytes behind a length", ok + "Content-Length: 5\r\n\r\nhello, and more",
       "200 +5 kept stray 10"},
      {"bytes behind chunks", ok + chunked + "\r\n" + last + "x", "200 +chunked 5 kept stray 1"},
      {"an empty line behind a length", ok + "Content-Length: 0\r\n\r\n\r\n",
       "200 +0 kept stray 2"},
      {"HEAD with a body", ok + "Content-Length: 41\r\n\r\n" + other, "200 kept stray 41", "HEAD"},
      {"204 with a body", "HTTP/1.1 204 x\r\n\r\n" + other, "204 kept stray 41"},
      {"204 with a length", "HTTP/1.1 204 x\r\nContent-Length: 41\r\n\r\n" + other, "502"},
      {"204 with chunks", "HTTP/1.1 204 x\r\n" + chunked + "\r\n" + last, "502"},
      {"304 with a body", "HTTP/1.1 304 x\r\n\r\n" + other, "304 kept stray 41"},
      {"100 with a length", "HTTP/1.1 100 x\r\nContent-Length: 41\r\n\r\n" + other, "502"},
      {"101 with chunks", "HTTP/1.1 101 x\r\n" + chunked + "\r\n" + last, "502"},
      {"CONNECT with a length", ok + "Content-Length: 41\r\n\r\n" + other, "502", "CONNECT"},
      {"CONNECT with chunks", ok + chunked + "\r\n" + last, "502", "CONNECT"},
      {"CL.TE", ok + "Content-Length: 5\r\n" + chunked + "\r\n" + last, "502"},
      {"TE.CL", ok + chunked + "Content-Length: 5\r\n\r\n" + last, "502"},
      {"HEAD with both", ok + chunked + "Content-Length: 5\r\n\r\n", "502", "HEAD"},
      {"two lengths", ok + "Content-Length: 0\r\nContent-Length: 41\r\n\r\n" + other, "502"},
      {"the same length twice", ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", "502"},
      {"two lengths in one line", ok + "Content-Length: 1, 1\r\n\r\nx", "502"},
      {"a length below zero", ok + "Content-Length: -1\r\n\r\nx", "502"},
      {"a length with a plus", ok + "Content-Length: +1\r\n\r\nx", "502"},
      {"a length in hexadecimal", ok + "Content-Length: 0x1\r\n\r\nx", "502"},
      {"a length of 2^63", ok + "Content-Length: 9223372036854775808\r\n\r\n", "502"},
      {"no length in the line of one", ok + "Content-Length:\r\n\r\nx", "502"},
      {"chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\n" + chunked + "\r\n" + last, "502"},
      {"identity", ok + "Transfer-Encoding: identity\r\nContent-Length: 1\r\n\r\nx", "502"},
      {"gzip, chunked", ok + "Transfer-Encoding: gzip, chunked\r\n\r\n" + last, "502"},
      {"chunked twice", ok + chunked + chunked + "\r\n" + last, "502"},
      {"a coding behind a vertical tab", ok + "Transfer-Encoding: \vchunked\r\n\r\n" + last, "502"},
      {"a blank before the colon of a coding", ok + "Transfer-Encoding : chunked\r\n\r\n" + last,
       "502"},
      {"a folded coding", ok + "Transfer-Encoding:\r\n chunked\r\n\r\n" + last, "502"},
      {"a length named by Connection",
       ok + "Connection: Content-Length\r\nContent-Length: 1\r\n\r\nx", "502"},
      {"a chunk size with 0x", ok + chunked + "\r\n0x1\r\nx\r\n" + last, "200 +chunked 502"},
      {"a chunk size with blanks", ok + chunked + "\r\n1  \r\nx\r\n" + last, "200 +chunked 502"},
      {"a chunk that ends with a line feed", ok + chunked + "\r\n1\r\nx\n" + last,
       "200 +chunked 502"},
      {"a size of 2^64 and 1", ok + chunked + "\r\n10000000000000001\r\nx\r\n" + last,
       "200 +chunked 502"},
      {"a length as a trailer", ok + chunked + "\r\n0\r\nContent-Length: 1\r\n\r\n",
       "200 +chunked 502"},
  };
}

/// Heads that one side reads otherwise, or a field that somebody made longer than it was.
std::vector<http_case> heads() {
  std::vector<http_case> cases;
  const auto add = [&](std::string_view name, const std::string& bytes) {
    cases.push_back({name, bytes + "Content-Length: 0\r\n\r\n", "502"});
  };
  cases.reserve(40);
  add("a split value with a line feed", ok + "Location: /x\nSet-Cookie: a=b\r\n");
  add("a split value with a carriage return", ok + "Location: /x\rSet-Cookie: a=b\r\n");
  add("a split reason", "HTTP/1.1 200 OK\nSet-Cookie: a=b\r\n");
  add("a NUL in a value", ok + "X: a\0b\r\n"s);
  add("a folded value", ok + "X: a\r\n b\r\n");
  add("a line without a colon", ok + "nothing\r\n");
  add("a line without a name", ok + ": x\r\n");
  add("a blank in a name", ok + "X Y: z\r\n");
  add("line feeds alone", "HTTP/1.1 200 OK\nX: y\n");
  add("a length with an underscore", ok + "Content_Length: 5\r\n");
  add("a Connection that is no list", ok + "Connection: a b\r\n");
  add("HTTP/0.9", "hello\r\n");
  add("HTTP/1.2", "HTTP/1.2 200 OK\r\n");
  add("HTTP/2", "HTTP/2 200 OK\r\n");
  add("HTTP/2.0", "HTTP/2.0 200 OK\r\n");
  add("HTTP/1.1 in small letters", "http/1.1 200 OK\r\n");
  add("another protocol", "ICY 200 OK\r\n");
  add("a status of two digits", "HTTP/1.1 20 OK\r\n");
  add("a status of four digits", "HTTP/1.1 2000 OK\r\n");
  add("a status below 100", "HTTP/1.1 099 OK\r\n");
  add("a status with a sign", "HTTP/1.1 +20 OK\r\n");
  add("a status of letters", "HTTP/1.1 OK\r\n");
  add("two blanks before a status", "HTTP/1.1  200 OK\r\n");
  add("a tab before a status", "HTTP/1.1\t200 OK\r\n");
  add("a tab behind a status", "HTTP/1.1 200\tOK\r\n");
  add("no status", "HTTP/1.1\r\n");
  add("an empty line before a response", "\r\n" + ok);
  add("bytes of TLS", "\x15\x03\x03\x00\x02\x02\x46"s);
  add("a request", "GET / HTTP/1.1\r\n");
  add("the answer of another protocol", "-ERR unknown command 'GET'\r\n");
  add("a head that never ends", ok + "X: " + std::string(40000, 'x') + "\r\n");
  return cases;
}

}  // namespace

std::vector<http_case> response_corpus() {
  std::vector<http_case> all;
  for (auto* const kind : {good, bodies, heads}) {
    auto cases = kind();
    all.insert(all.end(), std::make_move_iterator(cases.begin()),
               std::make_move_iterator(cases.end()));
  }
  return all;
}

}  // namespace waitstate::sidecar
