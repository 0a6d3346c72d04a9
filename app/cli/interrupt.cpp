#include "app/cli/interrupt.h"

#include <csignal>

namespace waitstate::cli {
namespace {

volatile std::sig_atomic_t noted = 0;

void note(int /*signal*/) {
  noted = 1;
}

}  // namespace

interrupt_guard::interrupt_guard() {
  noted = 0;
  struct sigaction once{};
  once.sa_handler = note;
  once.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  ::sigaction(SIGINT, &once, nullptr);
}

interrupt_guard::~interrupt_guard() {
  std::signal(SIGINT, SIG_DFL);
}

bool interrupt_guard::happened() const {
  return noted != 0;
}

}  // namespace waitstate::cli
