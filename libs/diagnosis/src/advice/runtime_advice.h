#pragma once

#include <span>
#include <string>
#include <string_view>

#include "waitstate/diagnosis/report.h"
#include "waitstate/snapshot/runtime.h"

namespace waitstate::diagnosis {

/// A remedy before it is about anything: its texts have {destination} ("10.0.0.7:80"), {host},
/// {port} and {pid} in them where a report has the values.
struct advice {
  std::string_view text;
  std::string_view command;
  std::string_view risk;
  std::string_view undo;
};

/// What to do about connections in programs of one runtime, a text for each topic. A runtime is one
/// row in runtime/NAME.cpp; a test holds every row against every topic.
///
/// A topic of which only the command differs is a mere text: the words around it are the same for
/// everybody (close.h). Commands are whole lines that end in \n.
struct runtime_advice {
  std::string_view name;  ///< As docs/runtimes.md and `waitstate explain` have it: "java", "node".
  waitstate::runtime runtime = runtime::unknown;
  /// The runtime whose texts stand for those that are empty here: gunicorn's programs are Python.
  waitstate::runtime like = runtime::unknown;

  std::string_view close;  ///< A client: close on every path.
  std::string_view evict;  ///< A client's pool: let idle connections go before the peer does.
  std::string_view serve;  ///< A server: close when the client has, wait for nothing without end.
  /// A server that serves a fixed number at once: how many, and what ends one that takes too long.
  /// Empty where it has no such number.
  std::string_view workers;
  std::string_view threads;       ///< What its threads are doing.
  std::string_view threads_risk;  ///< Of looking at them, and what undoes it.
  std::string_view threads_undo;
  advice keep;           ///< A client or proxy: use connections again.
  advice keep_to_cache;  ///< The same to a cache or a database, where that is another way.
  advice keep_to_database;
  /// Both in a few words without a line's end, for the lists of all runtimes.
  std::string_view keep_in_short;
  std::string_view keep_stores_in_short;
  /// Bind an address and leave the port to connect(). With a text it is another way than setting
  /// the socket option; without one the command, one line, sets the option.
  advice bind;
  std::string_view backlog;  ///< One line without its end: listen with a longer queue.
};

/// The row of a runtime, whole; of one that has none, the row for any program.
[[nodiscard]] runtime_advice advice_for(runtime r);

/// Every row but the one for any program.
[[nodiscard]] std::span<const runtime_advice* const> runtime_rows();

/// What the places in a text stand for.
struct advice_values {
  std::string destination = "HOST:PORT";
  std::string host = "HOST";
  std::string port = "0";
  std::string pid = "PID";
};

/// A text with its places filled in.
[[nodiscard]] std::string filled(std::string_view text, const advice_values& values);
[[nodiscard]] remedy filled(const advice& a, const advice_values& values);

}  // namespace waitstate::diagnosis
