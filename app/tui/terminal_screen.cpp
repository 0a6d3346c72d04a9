#include "app/tui/terminal_screen.h"

#define NCURSES_NOMACROS
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <langinfo.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace waitstate::tui {
namespace {

/// Set by a signal; read after each wait.
volatile std::sig_atomic_t end_asked = 0;

void note_end(int /*signal*/) {
  end_asked = 1;
}

constexpr std::array ending_signals{SIGINT, SIGTERM, SIGHUP};

constexpr short red_pair = 1;
constexpr short yellow_pair = 2;
constexpr short green_pair = 3;
constexpr short cyan_pair = 4;

void prepare_colours() {
  ::start_color();
  ::use_default_colors();
  // -1: the background that the terminal has.
  ::init_pair(red_pair, COLOR_RED, -1);
  ::init_pair(yellow_pair, COLOR_YELLOW, -1);
  ::init_pair(green_pair, COLOR_GREEN, -1);
  ::init_pair(cyan_pair, COLOR_CYAN, -1);
}

attr_t attributes_of(render::ink i, bool colour) {
  const auto in = [&](short pair, attr_t more) {
    return more | (colour ? static_cast<attr_t>(COLOR_PAIR(pair)) : A_NORMAL);
  };
  switch (i) {
    case render::ink::plain: return A_NORMAL;
    case render::ink::bold: return A_BOLD;
    case render::ink::dim: return A_DIM;
    case render::ink::red: return in(red_pair, A_BOLD);
    case render::ink::yellow: return in(yellow_pair, A_BOLD);
    case render::ink::green: return in(green_pair, A_BOLD);
    case render::ink::cyan: return in(cyan_pair, A_NORMAL);
  }
  return A_NORMAL;
}

std::string utf8_of(wint_t c) {
  const auto byte = [](unsigned lead, wint_t bits) { return static_cast<char>(lead | bits); };
  std::string text;
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += {byte(0xC0, c >> 6), byte(0x80, c & 0x3F)};
  } else if (c < 0x10000) {
    text += {byte(0xE0, c >> 12), byte(0x80, (c >> 6) & 0x3F), byte(0x80, c & 0x3F)};
  } else {
    text += {byte(0xF0, (c >> 18) & 7), byte(0x80, (c >> 12) & 0x3F), byte(0x80, (c >> 6) & 0x3F),
             byte(0x80, c & 0x3F)};
  }
  return text;
}

/// Keys that ncurses has put together from several bytes.
std::optional<view::key> key_of_code(wint_t code) {
  using enum view::key_kind;
  switch (code) {
    case KEY_UP: return view::key{.kind = up};
    case KEY_DOWN: return view::key{.kind = down};
    case KEY_LEFT: return view::key{.kind = left};
    case KEY_RIGHT: return view::key{.kind = right};
    case KEY_PPAGE: return view::key{.kind = page_up};
    case KEY_NPAGE: return view::key{.kind = page_down};
    case KEY_HOME: return view::key{.kind = home};
    case KEY_END: return view::key{.kind = end};
    case KEY_ENTER: return view::key{.kind = enter};
    case KEY_BACKSPACE: return view::key{.kind = backspace};
    case KEY_BTAB: return view::key{.kind = back_tab};
    default: return std::nullopt;
  }
}

std::optional<view::key> key_of_character(wint_t c) {
  using enum view::key_kind;
  switch (c) {
    case '\n':
    case '\r': return view::key{.kind = enter};
    case '\t': return view::key{.kind = tab};
    case 0x1B: return view::key{.kind = escape};
    case 0x08:
    case 0x7F: return view::key{.kind = backspace};
    case 0x02: return view::key{.kind = page_up};    // Ctrl-B
    case 0x06: return view::key{.kind = page_down};  // Ctrl-F
    case 0x15: return view::key{.kind = erase_line};
    default: break;
  }
  if (c < 0x20) return std::nullopt;
  return view::key{.kind = text, .text = utf8_of(c)};
}

failure refused(std::string what, std::string hint) {
  return failure({.code = errc::unsupported, .what = std::move(what), .hint = std::move(hint)});
}

/// A kind that has no way to put the cursor somewhere is no screen.
bool moves_cursor() {
  return ::tigetstr("cup") != nullptr;
}

std::string kind_of_terminal() {
  const char* const kind = std::getenv("TERM");
  return kind == nullptr ? std::string() : kind;
}

}  // namespace

struct terminal_screen::state {
  SCREEN* screen = nullptr;
  bool colour = false;
  bool is_gone = false;
  sigset_t before{};   ///< The mask of signals that this thread had.
  sigset_t waiting{};  ///< The mask while it waits.
  std::array<struct sigaction, ending_signals.size()> actions{};

  state() = default;
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() {
    if (screen == nullptr) return;
    // Where a terminal has no second screen the shell goes on in the last line.
    ::wmove(stdscr, ::getmaxy(stdscr) - 1, 0);
    ::wclrtoeol(stdscr);
    ::wrefresh(stdscr);
    ::endwin();
    ::delscreen(screen);
    for (std::size_t i = 0; i < ending_signals.size(); ++i) {
      ::sigaction(ending_signals[i], &actions[i], nullptr);
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  /// Signals come while we wait and at no other time, so that none is missed between a look at
  /// what it set and the wait.
  void take_signals() {
    end_asked = 0;
    struct sigaction noting{};
    noting.sa_handler = note_end;
    sigset_t held;
    ::sigemptyset(&held);
    for (std::size_t i = 0; i < ending_signals.size(); ++i) {
      ::sigaction(ending_signals[i], &noting, &actions[i]);
      ::sigaddset(&held, ending_signals[i]);
    }
    ::sigaddset(&held, SIGWINCH);
    ::pthread_sigmask(SIG_BLOCK, &held, &before);
    waiting = before;
    for (const int one : ending_signals) ::sigdelset(&waiting, one);
    ::sigdelset(&waiting, SIGWINCH);
  }
};

bool shows_unicode() {
  ::setlocale(LC_CTYPE, "");
  return std::string_view(::nl_langinfo(CODESET)) == "UTF-8";
}

terminal_screen::terminal_screen(std::unique_ptr<state> s) : state_(std::move(s)) {}
terminal_screen::~terminal_screen() = default;
terminal_screen::terminal_screen(terminal_screen&&) noexcept = default;
terminal_screen& terminal_screen::operator=(terminal_screen&&) noexcept = default;

result<terminal_screen> terminal_screen::open(bool colour) {
  if (::isatty(STDOUT_FILENO) != 1 || ::isatty(STDIN_FILENO) != 1) {
    return refused("standard input and output are no terminal",
                   "--once prints one screen, --json a report on a line for each look");
  }
  ::setlocale(LC_CTYPE, "");
  auto made = std::make_unique<state>();
  ::set_escdelay(25);
  made->screen = ::newterm(nullptr, stdout, stdin);
  if (made->screen == nullptr || !moves_cursor()) {
    return refused(
        fmt::format("'{}' is no terminal that a screen can be drawn on", kind_of_terminal()),
        "TERM=xterm waitstate watch, or --once for one screen as text");
  }
  ::cbreak();
  ::noecho();
  ::nonl();
  ::keypad(stdscr, TRUE);
  ::nodelay(stdscr, TRUE);
  ::curs_set(0);
  made->colour = colour && ::has_colors();
  if (made->colour) prepare_colours();
  made->take_signals();
  return terminal_screen(std::move(made));
}

view::frame_size terminal_screen::size() const {
  return {.width = static_cast<std::size_t>(std::max(::getmaxx(stdscr), 1)),
          .height = static_cast<std::size_t>(std::max(::getmaxy(stdscr), 1))};
}

void terminal_screen::show(const view::frame& f) {
  ::werase(stdscr);
  int y = 0;
  for (const auto& row : f.rows) {
    ::wmove(stdscr, y++, 0);
    for (const auto& c : row.cells) {
      const auto marks = row.is_selected ? A_REVERSE : A_NORMAL;
      ::wattrset(stdscr, static_cast<int>(attributes_of(c.ink, state_->colour) | marks));
      ::waddnstr(stdscr, c.text.c_str(), static_cast<int>(c.text.size()));
    }
  }
  ::wattrset(stdscr, A_NORMAL);
  ::wrefresh(stdscr);
}

void terminal_screen::wait(std::chrono::milliseconds longest, int also) const {
  std::array<pollfd, 2> on{pollfd{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                           pollfd{.fd = also, .events = POLLIN, .revents = 0}};
  const auto left = std::max(longest, std::chrono::milliseconds(0)).count();
  const timespec until{.tv_sec = left / 1'000, .tv_nsec = left % 1'000 * 1'000'000};
  const int ready = ::ppoll(on.data(), on.size(), &until, &state_->waiting);
  // The terminal has gone, and with it whoever could be told.
  if (ready > 0 && (on[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) state_->is_gone = true;
}

std::optional<view::key> terminal_screen::next_key() {
  while (true) {
    wint_t c = 0;
    const int kind = ::wget_wch(stdscr, &c);
    if (kind == ERR) return std::nullopt;
    // A change of the size is a key to ncurses; the next frame is drawn for it.
    auto pressed = kind == KEY_CODE_YES ? key_of_code(c) : key_of_character(c);
    if (pressed) return pressed;
  }
}

bool terminal_screen::is_end_asked() const {
  return end_asked != 0 || state_->is_gone;
}

}  // namespace waitstate::tui
