#include "bpf/bpf_descriptors.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <descriptors.skel.h>

#include "bpf/bpf_load.h"
#include "bpf/descriptor_records.h"
#include "waitstate/base/fd.h"

namespace waitstate::kernel {
namespace {

using link = std::unique_ptr<bpf_link, released_by<bpf_link__destroy>>;

/// Reads to its end what one iterator writes.
template <class Record, class Progress>
result<> read_all(const bpf_program* program, descriptor_records& to, const Progress& progress) {
  const link attached(bpf_program__attach_iter(program, nullptr));
  if (!attached) return bpf_refused(errno, "BPF: attaching an iterator");
  const fd iterator(bpf_iter_create(bpf_link__fd(attached.get())));
  if (!iterator) return bpf_refused(errno, "BPF: starting an iterator");
  std::array<std::byte, 64 * 1024> buffer{};
  std::size_t kept = 0;
  while (true) {
    const auto size = ::read(iterator.get(), buffer.data() + kept, buffer.size() - kept);
    // EAGAIN: a million objects in a row of which nothing was to be written
    // (kernel/bpf/bpf_iter.c, MAX_ITER_OBJECTS); the next read goes on behind them.
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size < 0) return bpf_refused(errno, "BPF: reading an iterator");
    if (size == 0) return {};
    const auto bytes =
        std::span(std::as_const(buffer)).first(kept + static_cast<std::size_t>(size));
    const auto rest = take_records<Record>(bytes, to);
    kept = rest.size();
    std::memmove(buffer.data(), rest.data(), kept);
    progress();
  }
}

}  // namespace

result<descriptor_scan> scan_descriptors_by_bpf(
    const std::function<void(std::uint64_t)>& progress) {
  const auto programs =
      load_programs<descriptors_bpf__open, descriptors_bpf__load, descriptors_bpf__destroy>(
          [](const descriptors_bpf& /*as it is*/) {});
  if (!programs) return failure(programs.error());
  descriptor_records records;
  const auto tell = [&] {
    if (progress) progress(records.descriptors());
  };
  const auto& of = (*programs)->progs;
  if (auto done = read_all<process_record>(of.list_process, records, tell); !done) {
    return failure(std::move(done).error());
  }
  if (auto done = read_all<descriptor_record>(of.list_descriptor, records, tell); !done) {
    return failure(std::move(done).error());
  }
  return records.take();
}

}  // namespace waitstate::kernel
