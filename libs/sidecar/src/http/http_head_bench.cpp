#include <string_view>

#include <benchmark/benchmark.h>

#include "http/http_head.h"

namespace waitstate::sidecar {
namespace {

constexpr std::string_view small_request = "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";
constexpr std::string_view browser_request =
    "GET /search?q=waitstate&lang=en HTTP/1.1\r\n"
    "Host: www.example.com\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Referer: https://www.example.com/\r\n"
    "Connection: keep-alive\r\n"
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; seen=1\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Cache-Control: max-age=0\r\n\r\n";
constexpr std::string_view server_response =
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Mon, 30 Nov 2026 15:00:00 GMT\r\n"
    "Content-Type: text/plain\r\nContent-Length: 13\r\nLast-Modified: Mon, 30 Nov 2026 14:00:00 "
    "GMT\r\n"
    "Connection: keep-alive\r\nETag: \"692c5a10-d\"\r\nAccept-Ranges: bytes\r\n\r\n";

void read_requests(benchmark::State& state, std::string_view bytes) {
  for (auto _ : state) {
    request_head head;
    head_refusal why;
    benchmark::DoNotOptimize(parse_request_head(bytes, head, why));
    benchmark::DoNotOptimize(head);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

void read_responses(benchmark::State& state, std::string_view bytes) {
  for (auto _ : state) {
    response_head head;
    head_refusal why;
    benchmark::DoNotOptimize(parse_response_head(bytes, "GET", head, why));
    benchmark::DoNotOptimize(head);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

BENCHMARK_CAPTURE(read_requests, small, small_request);
BENCHMARK_CAPTURE(read_requests, browser, browser_request);
BENCHMARK_CAPTURE(read_responses, nginx, server_response);

}  // namespace
}  // namespace waitstate::sidecar
