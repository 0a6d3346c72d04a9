// waitstate sidecar suggest: which routes would help this host, as a file.
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/sidecar_suggest.h"
#include "app/cli/source.h"
#include "waitstate/remedy/sidecar_routes.h"

namespace waitstate::cli {

void add_sidecar_suggest(CLI::App& sidecar, command& chosen) {
  auto typed = std::make_shared<source_options>();
  auto* sub = sidecar.add_subcommand(
      "suggest", "The routes that would help this host, as a file for --config");
  add_source_options(*sub, *typed);
  sub->footer(
      "examples:\n"
      "  waitstate sidecar suggest > sidecar.toml\n"
      "  waitstate sidecar suggest --from ss.txt    of another host");
  sub->callback([typed, &chosen] {
    auto from = checked(*typed);
    if (!from) {
      chosen.refused = in_step("sidecar suggest", std::move(from).error());
      return;
    }
    chosen.run = [from = *std::move(from)]() -> result<int> {
      const auto seen = take_snapshot(from);
      if (!seen) return failure(in_step("sidecar suggest", seen.error()));
      write_out(remedy::to_toml(remedy::suggest_sidecar_routes(*seen)));
      return done;
    };
  });
}

}  // namespace waitstate::cli
