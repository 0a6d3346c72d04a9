#include "messages/lock_wait.h"

#include "text/words.h"

namespace waitstate::paste {
namespace {

std::string_view up_to(std::string_view text, std::string_view ends) {
  return text.substr(0, text.find_first_of(ends));
}

}  // namespace

std::string_view lock_waited_for(std::string_view line) {
  constexpr std::string_view futex = "futex(0x";
  if (const auto at = line.find(futex); at != std::string_view::npos) {
    const auto call = line.substr(at + futex.size() - 2);
    const auto lock = up_to(call, ", )");
    const auto rest = call.substr(lock.size());
    const bool held =
        rest.starts_with(", FUTEX_WAIT_PRIVATE, 2,") || rest.starts_with(", FUTEX_WAIT, 2,");
    return held ? lock : std::string_view{};
  }
  constexpr std::string_view jstack = "- waiting to lock <";
  if (const auto at = line.find(jstack); at != std::string_view::npos) {
    return up_to(line.substr(at + jstack.size()), ">");
  }
  const auto text = trimmed(line);
  if (text.starts_with('#') && text.contains("__lll_lock_wait")) return "__lll_lock_wait";
  if (text.starts_with("goroutine ") && text.contains("[sync.Mutex.Lock")) return "sync.Mutex";
  if (text.starts_with("goroutine ") && text.contains("[semacquire")) return "semacquire";
  return {};
}

std::string_view read_waited_in(std::string_view line) {
  const auto text = trimmed(line);
  if (text.contains("<unfinished ...>")) {
    for (const std::string_view call : {"recvfrom", "recvmsg", "recv"}) {
      if (text.contains(std::string(call) + "(")) return call;
    }
  }
  // The innermost frames of a thread that waits for bytes.
  constexpr std::string_view of_java[] = {"socketRead0", "NioSocketImpl.park"};
  for (const auto frame : of_java) {
    if (text.starts_with("at ") && text.contains(std::string(frame) + "(")) return frame;
  }
  for (const std::string_view frame : {"recv_into (socket.py", "recv_into (ssl.py"}) {
    if (text.starts_with(frame)) return "recv_into";
  }
  const bool is_innermost = text.starts_with("#0 ") || text.starts_with("#1 ");
  if (is_innermost && (text.contains(" recv (") || text.contains("libc_recv ("))) return "recv";
  // Go says so of every idle connection; for minutes, of few.
  if (text.starts_with("goroutine ") && text.contains("[IO wait, ")) return "IO wait";
  return {};
}

}  // namespace waitstate::paste
