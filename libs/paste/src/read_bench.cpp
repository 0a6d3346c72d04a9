#include "waitstate/paste/read.h"

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

namespace waitstate::paste {
namespace {

/// A table of `size` bytes as ss prints it on a busy proxy: most rows in TIME-WAIT to a few back
/// ends.
std::string table_of(std::size_t size) {
  std::string text = "State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n";
  text.reserve(size + 200);
  for (std::uint32_t i = 0; text.size() < size; ++i) {
    const auto* const state = i % 10 == 0 ? "ESTAB" : (i % 97 == 0 ? "CLOSE-WAIT" : "TIME-WAIT");
    text += fmt::format("{:<10} 0      0      10.{}.{}.5:{:<5}      10.0.{}.{}:8080\n", state,
                        i >> 24U, i >> 16U & 255U, 1024 + i % 64'000, i % 7, i % 13);
  }
  return text;
}

/// A number of /proc/self/status, in KiB.
std::uint64_t status_of(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key)) return std::stoull(line.substr(key.size()));
  }
  return 0;
}

/// The bar is 100 MB in two seconds, and 64 MiB beyond the text.
void read_a_table(benchmark::State& state) {
  const auto text = table_of(static_cast<std::size_t>(state.range(0)) * 1'000'000);
  const auto before = status_of("VmRSS:");
  std::ofstream("/proc/self/clear_refs") << 5;  // From here on the peak is that of reading.
  for (auto _ : state) benchmark::DoNotOptimize(read(text));
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
  state.counters["MiB beyond the text"] =
      static_cast<double>(status_of("VmHWM:") - before) / 1024.0;
}
BENCHMARK(read_a_table)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace waitstate::paste
