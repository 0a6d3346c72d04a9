#include "waitstate/capture/read.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <pcap/pcap.h>

#include "flow_table.h"
#include "packet.h"
#include "waitstate/base/text.h"

namespace waitstate::capture {
namespace {

struct closing {
  void operator()(pcap_t* open) const { pcap_close(open); }
};
using open_capture = std::unique_ptr<pcap_t, closing>;

failure unreadable(std::string what) {
  return failure({.code = errc::invalid_input,
                  .what = std::move(what),
                  .hint = "tcpdump -i any -s 128 -w capture.pcap tcp    # headers are enough"});
}

result<open_capture> opened(std::string_view bytes) {
  // Opened for reading only, so nothing is written to them.
  auto* file = ::fmemopen(const_cast<char*>(bytes.data()), bytes.size(), "rb");
  if (file == nullptr) return failure(from_errno(errno, "a capture in memory"));
  std::array<char, PCAP_ERRBUF_SIZE> why{};
  open_capture made(
      pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_MICRO, why.data()));
  if (made) return made;
  std::fclose(file);  // libpcap takes it only when it can read it.
  return unreadable(fmt::format("the capture could not be read: {}", why.data()));
}

/// What was passed over, and how the reading ended.
struct passed_over {
  std::uint64_t packets = 0;
  std::string ended_by;  ///< Empty at the end of the file.
};

passed_over read_packets(pcap_t* from, flow_table& flows,
                         const std::function<void(std::uint64_t)>& progress) {
  constexpr std::uint64_t progress_step = 1 << 16;
  const int link_type = pcap_datalink(from);
  passed_over passed;
  pcap_pkthdr* header = nullptr;
  const unsigned char* data = nullptr;
  int got = 0;
  while ((got = pcap_next_ex(from, &header, &data)) == 1) {
    const auto p = decode(link_type, {data, header->caplen});
    const moment at = std::chrono::seconds(header->ts.tv_sec) + moment(header->ts.tv_usec);
    if (p) {
      flows.add(*p, at);
    } else {
      ++passed.packets;
    }
    if (progress && flows.packets() % progress_step == 0) progress(flows.packets());
  }
  if (got == PCAP_ERROR) passed.ended_by = pcap_geterr(from);
  return passed;
}

void add_limits(snapshot_builder& builder, const flow_table& flows, const passed_over& passed) {
  if (passed.packets > 0) {
    builder.add_limit({.id = "packets-not-read",
                       .text = fmt::format("{} no TCP or cut before the end of their headers",
                                           counted(passed.packets, "packet") +
                                               (passed.packets == 1 ? " is" : " are")),
                       .hint = {}});
  }
  if (!passed.ended_by.empty()) {
    builder.add_limit({.id = "capture-cut",
                       .text = "the capture ends in the middle: " + passed.ended_by,
                       .hint = {}});
  }
  if (flows.passing() > 0) {
    builder.add_limit({.id = "connections-closing",
                       .text = fmt::format("{} just being closed when the capture ended",
                                           counted(flows.passing(), "connection") +
                                               (flows.passing() == 1 ? " was" : " were")),
                       .hint = {}});
  }
  if (flows.left_out() > 0) {
    builder.add_limit(
        {.id = "connections-left-out",
         .text = fmt::format("{} of connections past the first {} left out",
                             counted(flows.left_out(), "packet"), grouped(flow_table::flows_max)),
         .hint = {}});
  }
}

}  // namespace

bool is_capture(std::string_view bytes) {
  using namespace std::string_view_literals;
  // pcap with micro- and nanoseconds in both byte orders, and pcapng.
  constexpr std::array magics{"\xa1\xb2\xc3\xd4"sv, "\xd4\xc3\xb2\xa1"sv, "\xa1\xb2\x3c\x4d"sv,
                              "\x4d\x3c\xb2\xa1"sv, "\x0a\x0d\x0d\x0a"sv};
  return std::ranges::any_of(magics, [&](auto magic) { return bytes.starts_with(magic); });
}

result<snapshot> read(std::string_view bytes, const std::function<void(std::uint64_t)>& progress) {
  if (!is_capture(bytes)) return unreadable("no packet capture");
  const auto open = opened(bytes);
  if (!open) return failure(open.error());
  flow_table flows;
  const auto passed = read_packets(open->get(), flows, progress);
  if (flows.packets() == 0) return unreadable("the capture holds no TCP packet");
  snapshot_builder builder;
  builder.add_namespace({});
  auto services = flows.pour_into(builder);
  add_limits(builder, flows, passed);
  builder.set_source(source_kind::pasted, "packet capture");
  auto made = builder.finish({});
  made.captured = std::move(services);
  return made;
}

}  // namespace waitstate::capture
