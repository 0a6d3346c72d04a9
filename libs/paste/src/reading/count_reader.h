#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "facts/count_line.h"
#include "facts/spoken_count.h"
#include "reading/count_ledger.h"
#include "reading/fact_reader.h"
#include "reading/line_context.h"
#include "reading/process_table.h"
#include "reading/source_list.h"
#include "waitstate/snapshot/snapshot_builder.h"

namespace waitstate::paste {

/// Reads numbers: what they count, the command above them tells, or the words beside them.
class count_reader {
 public:
  count_reader(snapshot_builder& builder, process_table& processes, fact_reader& facts,
               line_context& context, source_list& sources)
      : builder_(builder),
        processes_(processes),
        facts_(facts),
        context_(context),
        sources_(sources) {}

  /// Every line comes by here first, blank ones too.
  void pass_line() { ++lines_since_count_; }
  /// A command was typed.
  void begin_block() { masked_.clear(); }
  /// Takes a line of counts.
  bool take(std::string_view line);
  /// Takes a bare number: what the command above prints.
  bool take_pairs(std::string_view line);
  bool take_number(std::uint64_t number);

  /// What sentences count, in states of which nothing in the text has a row or a count.
  void add_spoken(const std::vector<spoken_count>& spoken, const row_store& rows);
  /// After the last line: hands the counts that are not in `rows` already to the builder.
  void pour_into_builder(const row_store& rows);
  [[nodiscard]] const count_ledger& ledger() const { return ledger_; }
  /// Counts of "Bound", which PowerShell alone prints.
  [[nodiscard]] bool saw_bound() const { return saw_bound_; }

 private:
  struct counted {
    count_ledger::subject what;
    count_ledger::context context;
  };
  bool take_of_owners(std::string_view line);
  void count_sockets(const count_line& c);
  void count_label(const count_line& c);
  void narrow_by_command(counted& made, const count_line& c);
  void narrow_by_endpoint(counted& made, const count_line& c);
  [[nodiscard]] owner_ref owner_of(const count_line& c);
  [[nodiscard]] tcp::endpoint unmasked(const text_endpoint& e);

  snapshot_builder& builder_;
  process_table& processes_;
  fact_reader& facts_;
  line_context& context_;
  source_list& sources_;
  count_ledger ledger_;
  std::uint64_t lines_since_count_ = 0;
  bool saw_bound_ = false;
  std::map<std::string, std::uint32_t> masked_;  ///< How often a mask was in this command's list.
  std::vector<count_series> labelled_;           ///< Series of other hosts, or of descriptors.
  std::map<std::tuple<std::string, tcp::state, std::uint16_t>, std::size_t> label_index_;
};

}  // namespace waitstate::paste
