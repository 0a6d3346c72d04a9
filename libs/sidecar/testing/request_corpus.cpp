#include <iterator>

#include "http_corpus.h"

namespace waitstate::sidecar {
namespace {

using namespace std::string_literals;

const std::string get = "GET / HTTP/1.1\r\nHost: h\r\n";
const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
const std::string hidden = "GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string chunked = "Transfer-Encoding: chunked\r\n";
const std::string last = "0\r\n\r\n";

/// What is fine, so that a refusal of everything is no success.
std::vector<http_case> good() {
  return {
      {"a plain GET", get + "\r\n", "GET /"},
      {"two GETs at once", get + "\r\n" + get + "\r\n", "GET / | GET /"},
      {"a body of a length", post + "Content-Length: 5\r\n\r\nhello" + hidden,
       "POST / +5 | GET /hidden"},
      {"a body of no length", post + "Content-Length: 0\r\n\r\n" + hidden,
       "POST / +0 | GET /hidden"},
      {"a request as a body", post + "Content-Length: 33\r\n\r\n" + hidden, "POST / +33"},
      {"chunks", post + chunked + "\r\n5\r\nhello\r\n" + last + hidden,
       "POST / +chunked 15 | GET /hidden"},
      {"a request in a chunk", post + chunked + "\r\n21\r\n" + hidden + "\r\n" + last,
       "POST / +chunked 44"},
      {"chunks in another case", post + "tRANSFER-eNCODING: CHUNKED\r\n\r\n" + last,
       "POST / +chunked 5"},
      {"trailers", post + chunked + "\r\n0\r\nX-Sum: 1\r\n\r\n" + hidden,
       "POST / +chunked 15 | GET /hidden"},
      {"an empty line before a request", "\r\n" + get + "\r\n", "GET /"},
      {"an empty line behind a body", post + "Content-Length: 1\r\n\r\nx\r\n" + hidden,
       "POST / +1 | GET /hidden"},
      {"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n" + hidden, "GET / close"},
      {"HTTP/1.0 that stays", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + hidden,
       "GET / | GET /hidden"},
      {"Connection: close", get + "Connection: close\r\n\r\n" + hidden, "GET / close"},
      {"an upgrade", get + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "GET / upgrade"},
      {"CONNECT", "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n" + hidden, "CONNECT h:443 tunnel"},
      {"an absolute target", "GET http://h/x HTTP/1.1\r\nHost: h\r\n\r\n", "GET http://h/x"},
      {"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "OPTIONS *"},
      {"an unknown method", "BREW /x HTTP/1.1\r\nHost: h\r\n\r\n", "BREW /x"},
      {"a value with letters beyond ASCII", get + "X: \xc3\xa9\xe9\r\n\r\n", "GET /"},
      {"half a head", get, "more"},
      {"half a body", post + "Content-Length: 5\r\n\r\nhell", "POST / +5 more"},
      {"half a chunk", post + chunked + "\r\n5\r\nhell", "POST / +chunked more"},
  };
}

/// One side goes by the length, the other by the chunks.
std::vector<http_case> length_against_chunks() {
  return {
      {"CL.TE", post + "Content-Length: 39\r\n" + chunked + "\r\n" + last + hidden, "400"},
      {"TE.CL", post + chunked + "Content-Length: 4\r\n\r\n21\r\n" + hidden + "\r\n" + last, "400"},
      {"CL.TE with a length of 0", post + "Content-Length: 0\r\n" + chunked + "\r\n" + last, "400"},
      {"GET with both", get + "Content-Length: 5\r\n" + chunked + "\r\n" + last, "400"},
      {"both, the length in another case", post + chunked + "CONTENT-LENGTH: 5\r\n\r\n" + last,
       "400"},
      {"both, lines apart", post + chunked + "X: y\r\nContent-Length: 5\r\n\r\n" + last, "400"},
      {"both, the coding named by Connection",
       post + "Connection: Transfer-Encoding\r\nContent-Length: 5\r\n" + chunked + "\r\n" + last,
       "400"},
      {"the length named by Connection",
       post + "Connection: Content-Length\r\nContent-Length: 33\r\n\r\n" + hidden, "400"},
      {"Host named by Connection", get + "Connection: close, Host\r\n\r\n", "400"},
      {"two lengths", post + "Content-Length: 33\r\nContent-Length: 0\r\n\r\n" + hidden, "400"},
      {"the same length twice", post + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n", "400"},
      {"two lengths in one line", post + "Content-Length: 33, 0\r\n\r\n" + hidden, "400"},
      {"the same length twice in one line", post + "Content-Length: 5, 5\r\n\r\nhello", "400"},
      {"chunks in HTTP/1.0", "POST / HTTP/1.0\r\n" + chunked + "\r\n" + last + hidden, "400"},
      {"chunks in HTTP/1.0 that stays",
       "POST / HTTP/1.0\r\nConnection: keep-alive\r\n" + chunked + "\r\n" + last, "400"},
      {"a length with an underscore", post + "Content_Length: 33\r\n\r\n" + hidden, "400"},
      {"a coding with an underscore", post + "Transfer_Encoding: chunked\r\n\r\n" + last, "400"},
      {"a body on GET that one side ignores", get + "Content-Length: 33\r\n\r\n" + hidden,
       "GET / +33"},
      {"no length, and a body", post + "\r\n" + "x=1&y=2 \r\n\r\n", "POST / | 400"},
  };
}

/// Numbers that not everybody reads alike.
std::vector<http_case> lengths() {
  std::vector<http_case> cases;
  const auto add = [&](std::string_view name, const std::string& value) {
    cases.push_back({name, post + "Content-Length:" + value + "\r\n\r\nhello", "400"});
  };
  cases.reserve(24);
  add("a length with a plus", " +5");
  add("a length below zero", " -5");
  add("a length in hexadecimal", " 0x5");
  add("a length in octal", " 0o5");
  add("a length with a point", " 5.0");
  add("a length with an exponent", " 5e0");
  add("a length with a blank in it", " 1 5");
  add("a length with a tab in it", " 1\t5");
  add("a length with an underscore in it", " 1_0");
  add("a length in quotes", " \"5\"");
  add("a length with a unit", " 5 bytes");
  add("a length with a comma", " 5,");
  add("a length behind a comma", " ,5");
  add("a length with a semicolon", " 5;x");
  add("no length in the line of one", "");
  add("a length of a blank", "  ");
  add("a length of 2^63", " 9223372036854775808");
  add("a length of 2^64", " 18446744073709551616");
  add("a length of 2^64 and 5", " 18446744073709551621");
  add("a length of 60 digits", " " + std::string(60, '9'));
  add("a length of 60 zeros and a digit", " " + std::string(60, '0') + "5");
  add("a length in digits of another script", " \xd9\xa5");
  add("a length behind a vertical tab", " \v5");
  cases.push_back({"a length between blanks and tabs",
                   post + "Content-Length: \t 5\t \r\n\r\nhello", "POST / +5"});
  return cases;
}

/// Codings that one side takes for chunked and the other does not (TE.TE).
std::vector<http_case> codings() {
  std::vector<http_case> cases;
  const auto add = [&](std::string_view name, const std::string& line) {
    cases.push_back({name, post + line + "\r\n\r\n" + last + hidden, "400"});
  };
  cases.reserve(40);
  add("a coding spelt wrong", "Transfer-Encoding: xchunked");
  add("a coding spelt short", "Transfer-Encoding: chunk");
  add("a coding in quotes", "Transfer-Encoding: \"chunked\"");
  add("a coding with a parameter", "Transfer-Encoding: chunked;q=1");
  add("a coding with a comma behind it", "Transfer-Encoding: chunked,");
  add("a coding with a comma before it", "Transfer-Encoding: ,chunked");
  add("chunked twice", "Transfer-Encoding: chunked, chunked");
  add("chunked on two lines", chunked + "Transfer-Encoding: chunked");
  add("chunked, then identity", "Transfer-Encoding: chunked, identity");
  add("identity", "Transfer-Encoding: identity");
  add("identity and chunked on two lines",
      "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked");
  add("chunked and cow on two lines", chunked + "Transfer-Encoding: cow");
  add("gzip, chunked", "Transfer-Encoding: gzip, chunked");
  add("chunked, gzip", "Transfer-Encoding: chunked, gzip");
  add("no coding in the line of one", "Transfer-Encoding:");
  add("a coding behind a vertical tab", "Transfer-Encoding: \vchunked");
  add("a coding behind a form feed", "Transfer-Encoding: \fchunked");
  add("a coding behind a NUL", "Transfer-Encoding: \0chunked"s);
  add("a coding before a NUL", "Transfer-Encoding: chunked\0"s);
  add("a coding behind a carriage return", "Transfer-Encoding: \rchunked");
  add("a coding behind a line feed", "Transfer-Encoding: \nchunked");
  add("a folded coding", "Transfer-Encoding:\r\n chunked");
  add("a coding folded with a tab", "Transfer-Encoding:\r\n\tchunked");
  add("a blank before its colon", "Transfer-Encoding : chunked");
  add("a tab before its colon", "Transfer-Encoding\t: chunked");
  add("a NUL before its colon", "Transfer-Encoding\0: chunked"s);
  add("a blank before its name", " Transfer-Encoding: chunked");
  add("a tab before its name", "\tTransfer-Encoding: chunked");
  add("a blank in its name", "Transfer Encoding: chunked");
  add("a line feed before its name", "X: y\nTransfer-Encoding: chunked");
  add("a carriage return before its name", "X: y\rTransfer-Encoding: chunked");
  add("its name in quotes", "\"Transfer-Encoding\": chunked");
  add("its name behind a colon", ":Transfer-Encoding: chunked");
  add("a letter of Unicode in its name",
      "Tran\xc5\xbf"
      "fer-Encoding: chunked");
  add("a letter of Unicode in chunked",
      "Transfer-Encoding: chun\xe2\x84\xaa"
      "ed");
  add("a coding behind a hard blank",
      "Transfer-Encoding: \xa0"
      "chunked");
  cases.push_back({"a coding without a blank, and blanks behind it",
                   post + "Transfer-Encoding:chunked \t\r\n\r\n" + last + hidden,
                   "POST / +chunked 5 | GET /hidden"});
  cases.push_back({"another name with a coding in it",
                   post + "X-Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello",
                   "POST / +5"});
  return cases;
}

/// Chunks that do not end where somebody else says.
std::vector<http_case> chunks() {
  std::vector<http_case> cases;
  const auto add = [&](std::string_view name, const std::string& body,
                       std::string_view wanted = "POST / +chunked 400") {
    cases.push_back({name, post + chunked + "\r\n" + body, wanted});
  };
  cases.reserve(40);
  add("a size with 0x", "0x5\r\nhello\r\n" + last);
  add("a size with a plus", "+5\r\nhello\r\n" + last);
  add("a size below zero", "-5\r\nhello\r\n" + last);
  add("a size with a blank behind it", "5 \r\nhello\r\n" + last);
  add("a size with a tab behind it", "5\t\r\nhello\r\n" + last);
  add("a size with a blank before it", " 5\r\nhello\r\n" + last);
  add("a size with an underscore", "1_0\r\n0123356789abcdef\r\n" + last);
  add("a size with a point", "5.0\r\nhello\r\n" + last);
  add("a size in quotes", "\"5\"\r\nhello\r\n" + last);
  add("no size", "\r\nhello\r\n" + last);
  add("an extension without a size", ";x=y\r\nhello\r\n" + last);
  add("a size that is no number", "five\r\nhello\r\n" + last);
  add("a size of 2^63", "8000000000000000\r\nhello\r\n" + last);
  add("a size of 2^64 - 1", "ffffffffffffffff\r\nhello\r\n" + last);
  add("a size of 2^64 and 5", "10000000000000005\r\nhello\r\n" + last);
  add("a size of 40 digits", std::string(39, '0') + "5\r\nhello\r\n" + last);
  add("a size that ends with a line feed", "5\nhello\r\n" + last);
  add("a size that ends with a carriage return", "5\rhello\r\n" + last);
  add("a size with two carriage returns", "5\r\r\nhello\r\n" + last);
  add("a NUL behind a size", "5\0\r\nhello\r\n"s + last);
  add("an extension that ends with a line feed", "5;x\nhello\r\n" + last);
  add("a request behind a line feed in an extension", "2;\nxx\r\n21\r\n" + hidden + "\r\n" + last);
  add("an extension with a carriage return", "5;x\ry\r\nhello\r\n" + last);
  add("an extension with a line end in quotes", "5;x=\"\r\n\"\r\nhello\r\n" + last);
  add("an extension without end", "5;" + std::string(5000, 'x'));
  add("an extension behind a blank", "5 ;x\r\nhello\r\n" + last);
  add("a chunk that is longer than it says", "4\r\nhello\r\n" + last);
  add("a chunk that is shorter than it says", "6\r\nhello\r\n" + last);
  add("a chunk that ends with a line feed", "5\r\nhello\n" + last);
  add("a chunk that ends with a carriage return", "5\r\nhello\r0\r\n\r\n");
  add("a chunk that ends with two other bytes", "5\r\nhelloXX" + last);
  add("a last chunk with a line feed", "0\n\n" + hidden);
  add("a last chunk whose empty line is a line feed", "0\r\n\n" + hidden);
  add("a last chunk, then a request at once", "0\r\n" + hidden);
  add("a length as a trailer", "0\r\nContent-Length: 33\r\n\r\n" + hidden);
  add("a coding as a trailer", "0\r\nTransfer-Encoding: chunked\r\n\r\n" + last);
  add("Host as a trailer", "0\r\nHost: other\r\n\r\n");
  add("Connection as a trailer", "0\r\nConnection: close\r\n\r\n");
  add("a folded trailer", "0\r\nX: y\r\n Content-Length: 33\r\n\r\n");
  add("a trailer with a line feed", "0\r\nX: y\nContent-Length: 33\r\n\r\n");
  add("a trailer with a blank before its colon", "0\r\nX : y\r\n\r\n");
  add("trailers without end", "0\r\nX: " + std::string(17000, 'x'));
  add("a size of zeros", "0000\r\n\r\n" + hidden, "POST / +chunked 8 | GET /hidden");
  add("a size in capitals, and an extension", "A;x=\"y;z\"\r\n0123356789\r\n" + last,
      "POST / +chunked 28");
  return cases;
}

/// Lines that end, begin or go on where not everybody sees it.
std::vector<http_case> lines() {
  return {
      {"a line feed alone behind the request line", "GET / HTTP/1.1\nHost: h\r\n\r\n", "400"},
      {"a line feed alone behind a field", "GET / HTTP/1.1\r\nHost: h\n\r\n", "400"},
      {"a line feed alone at the end", get + "\n", "400"},
      {"line feeds alone", "GET / HTTP/1.1\nHost: h\n\n", "400"},
      {"a line feed before a request", "\n" + get + "\r\n", "400"},
      {"a carriage return before a request", "\r" + get + "\r\n", "400"},
      {"three empty lines before a request", "\r\n\r\n\r\n" + get + "\r\n", "400"},
      {"a carriage return in a value", get + "X: a\rY: b\r\n\r\n", "400"},
      {"two carriage returns behind a value", get + "X: a\r\r\n\r\n", "400"},
      {"a carriage return at the end", get + "\r\r\n", "400"},
      {"a folded value", get + "X: a\r\n b\r\n\r\n", "400"},
      {"a value folded with a tab", get + "X: a\r\n\tb\r\n\r\n", "400"},
      {"the first line folded", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", "400"},
      {"a line of blanks", get + " \r\n\r\n", "400"},
      {"a NUL in a value", get + "X: a\0b\r\n\r\n"s, "400"},
      {"a NUL in a name", get + "X\0Y: a\r\n\r\n"s, "400"},
      {"DEL in a value", get + "X: a\x7f\r\n\r\n", "400"},
      {"an escape in a value", get + "X: \x1b[2J\r\n\r\n", "400"},
      {"a line without a colon", get + "nothing\r\n\r\n", "400"},
      {"a line without a name", get + ": x\r\n\r\n", "400"},
      {"a name of brackets", get + "X(Y): x\r\n\r\n", "400"},
      {"a name beyond ASCII", get + "X\xc3\xa9: x\r\n\r\n", "400"},
      {"a name of HTTP/2", get + ":path: /x\r\n\r\n", "400"},
      {"a value of tabs", get + "X:\t\ty\t\r\n\r\n", "GET /"},
      {"a head that never ends", get + "X: " + std::string(40000, 'x'), "431"},
      {"lines that never end",
       [] {
         std::string bytes = get;
         while (bytes.size() < 40000) bytes += "X: y\r\n";
         return bytes;
       }(),
       "431"},
  };
}

/// Request lines.
std::vector<http_case> request_lines() {
  std::vector<http_case> cases;
  const auto add = [&](std::string_view name, const std::string& line,
                       std::string_view wanted = "400") {
    cases.push_back({name, line + "\r\nHost: h\r\n\r\n", wanted});
  };
  cases.reserve(48);
  add("HTTP/0.9", "GET /");
  add("HTTP/0.9 that says so", "GET / HTTP/0.9", "505");
  add("HTTP/1.2", "GET / HTTP/1.2");
  add("HTTP/1.10", "GET / HTTP/1.10");
  add("HTTP/1", "GET / HTTP/1");
  add("HTTP/2.0", "GET / HTTP/2.0", "505");
  add("HTTP/3.0", "GET / HTTP/3.0", "505");
  add("HTTP/01.1", "GET / HTTP/01.1");
  add("HTTP/1.1 in small letters", "GET / http/1.1");
  add("another protocol", "GET / ICAP/1.1");
  add("a version with a blank in it", "GET / HTTP/ 1.1");
  add("a version with a blank behind it", "GET / HTTP/1.1 ");
  add("a version with a sign", "GET / HTTP/+1.1");
  add("a version with a comma", "GET / HTTP/1,1");
  add("two blanks before a target", "GET  / HTTP/1.1");
  add("two blanks before a version", "GET /  HTTP/1.1");
  add("a tab before a target", "GET\t/ HTTP/1.1");
  add("a tab before a version", "GET /\tHTTP/1.1");
  add("a blank before a method", " GET / HTTP/1.1");
  add("no method", "/ HTTP/1.1");
  add("no target", "GET HTTP/1.1");
  add("an empty target", "GET  HTTP/1.1");
  add("a blank in a target", "GET /a b HTTP/1.1");
  add("a version in a target", "GET / HTTP/1.1 HTTP/1.1");
  add("a vertical tab in a target", "GET /a\vb HTTP/1.1");
  add("a NUL in a target", "GET /a\0b HTTP/1.1"s);
  add("a carriage return in a target", "GET /a\rb HTTP/1.1");
  add("a line feed in a target", "GET /a\nb HTTP/1.1");
  add("a hard blank in a target",
      "GET /a\xa0"
      "b HTTP/1.1");
  add("a next line of Latin-1 in a target",
      "GET /a\x85"
      "b HTTP/1.1");
  add("a fragment in a target", "GET /a#b HTTP/1.1");
  add("a target that is no path", "GET a HTTP/1.1");
  add("a target that begins with '?'", "GET ?a HTTP/1.1");
  add("a target that is an authority", "GET h:80 HTTP/1.1");
  add("'*' for GET", "GET * HTTP/1.1");
  add("a method with a colon", "GE:T / HTTP/1.1");
  add("a method beyond ASCII", "G\xc3\x89T / HTTP/1.1");
  add("a method with a NUL", "GET\0 / HTTP/1.1"s);
  add("a header of the PROXY protocol", "PROXY TCP4 10.0.0.1 10.0.0.2 1 2");
  add("escapes in a target", "GET /%0d%0aX:%20y HTTP/1.1", "GET /%0d%0aX:%20y");
  cases.push_back({"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"});
  cases.push_back({"the hello of TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, "400"});
  cases.push_back({"a status line", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "400"});
  return cases;
}

/// For whom a request is, in two ways.
std::vector<http_case> hosts() {
  std::vector<http_case> cases;
  const auto add = [&](std::string_view name, const std::string& line, const std::string& fields,
                       std::string_view wanted = "400") {
    cases.push_back({name, line + " HTTP/1.1\r\n" + fields + "\r\n", wanted});
  };
  cases.reserve(40);
  add("no Host", "GET /", "");
  add("an empty Host", "GET /", "Host:\r\n");
  add("two Hosts", "GET /", "Host: a\r\nHost: b\r\n");
  add("the same Host twice", "GET /", "Host: a\r\nhost: a\r\n");
  add("two Hosts in one line", "GET /", "Host: a, b\r\n");
  add("two Hosts with a blank", "GET /", "Host: a b\r\n");
  add("a Host with a user", "GET /", "Host: a@b\r\n");
  add("a Host with a path", "GET /", "Host: a/b\r\n");
  add("a Host with a scheme", "GET /", "Host: http://a\r\n");
  add("a Host with two ports", "GET /", "Host: a:80:81\r\n");
  add("a Host with a port of letters", "GET /", "Host: a:http\r\n");
  add("a Host with an empty port", "GET /", "Host: a:\r\n");
  add("a Host with a port past the last", "GET /", "Host: a:65536\r\n");
  add("a Host with a backslash", "GET /", "Host: a\\b\r\n");
  add("a Host with an escape", "GET /", "Host: a%00b\r\n");
  add("a Host with a '#'", "GET /", "Host: a#b\r\n");
  add("a Host with half a bracket", "GET /", "Host: [::1\r\n");
  add("a folded Host", "GET /", "Host: a\r\n b\r\n");
  add("a blank before Host", "GET /", " Host: a\r\n");
  add("a blank before the colon of Host", "GET /", "Host : a\r\n");
  add("a Host of IPv6", "GET /", "Host: [::1]:8080\r\n", "GET /");
  add("an absolute target without Host", "GET http://a/", "");
  add("an absolute target and another Host", "GET http://a/", "Host: b\r\n");
  add("an absolute target and another port", "GET http://a/", "Host: a:81\r\n");
  add("an absolute target with a user", "GET http://b@a/", "Host: a\r\n");
  add("an absolute target without authority", "GET http:///x", "Host: a\r\n");
  add("an absolute target with a backslash", "GET http://a\\b/", "Host: a\r\n");
  add("an absolute target of another scheme", "GET ftp://a/", "Host: a\r\n");
  add("a file as a target", "GET file:///etc/passwd", "Host: a\r\n");
  add("a scheme with one slash", "GET http:/a/", "Host: a\r\n");
  add("the usual port, once", "GET http://a:80/", "Host: a\r\n", "GET http://a:80/");
  add("CONNECT without a port", "CONNECT a", "Host: a\r\n");
  add("CONNECT to a path", "CONNECT /a", "Host: a\r\n");
  add("CONNECT to an URL", "CONNECT http://a:80/", "Host: a\r\n");
  add("CONNECT to another Host", "CONNECT a:443", "Host: b:443\r\n");
  add("CONNECT with a length", "CONNECT a:443", "Host: a\r\nContent-Length: 33\r\n");
  add("CONNECT with chunks", "CONNECT a:443", "Host: a\r\n" + chunked);
  return cases;
}

/// What is about the connection, or asks for another protocol.
std::vector<http_case> connections() {
  const std::string upgrade = "Connection: Upgrade\r\nUpgrade: ";
  return {
      {"a request behind an upgrade", get + upgrade + "websocket\r\n\r\n" + hidden,
       "GET / upgrade | GET /hidden"},
      {"an upgrade with a body",
       post + upgrade + "websocket\r\nContent-Length: 33\r\n\r\n" + hidden, "POST / +33"},
      {"an upgrade to h2c",
       get + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n" +
           "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n" + hidden,
       "GET / | GET /hidden"},
      {"an upgrade to h2c among others", get + upgrade + "websocket, H2C\r\n\r\n", "GET /"},
      {"an upgrade that Connection does not name", get + "Upgrade: websocket\r\n\r\n", "GET /"},
      {"an upgrade in HTTP/1.0",
       "GET / HTTP/1.0\r\nConnection: Upgrade, keep-alive\r\nUpgrade: websocket\r\n\r\n", "GET /"},
      {"a Connection that is no list", get + "Connection: a b\r\n\r\n", "400"},
      {"a Connection with quotes", get + "Connection: \"close\"\r\n\r\n", "400"},
      {"a Connection of 17 names", get + "Connection: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\r\n\r\n",
       "400"},
      {"a Connection of commas", get + "Connection: ,, ,close,\r\n\r\n", "GET / close"},
      {"an Expect of something else", post + "Expect: 200-ok\r\nContent-Length: 1\r\n\r\nx", "417"},
      {"an Expect of both",
       post + "Expect: 100-continue\r\nExpect: x\r\nContent-Length: 1\r\n\r\nx", "417"},
      {"an Expect with a blank", post + "Expect: 100 -continue\r\nContent-Length: 1\r\n\r\nx",
       "417"},
      {"lines about the connection amid 25 others",
       [] {
         std::string bytes = get;
         for (int i = 0; i < 25; ++i) bytes += "X: y\r\nTE: z\r\n";
         return bytes + "\r\n";
       }(),
       "400"},
  };
}

}  // namespace

std::vector<http_case> request_corpus() {
  std::vector<http_case> all;
  for (auto* const kind : {good, length_against_chunks, lengths, codings, chunks, lines,
                           request_lines, hosts, connections}) {
    auto cases = kind();
    all.insert(all.end(), std::make_move_iterator(cases.begin()),
               std::make_move_iterator(cases.end()));
  }
  return all;
}

}  // namespace waitstate::sidecar
