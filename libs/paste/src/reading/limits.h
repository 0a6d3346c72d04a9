#pragma once

#include "reading/count_ledger.h"
#include "reading/fact_reader.h"
#include "reading/process_table.h"
#include "reading/row_store.h"
#include "reading/unread_lines.h"
#include "text/line.h"
#include "waitstate/snapshot/snapshot_builder.h"

namespace waitstate::paste {

/// The parts of a reading that know what the snapshot lacks.
struct parts_read {
  const line_splitter& lines;
  const unread_lines& unread;
  const fact_reader& facts;
  const row_store& rows;
  const count_ledger& counts;
  const process_table& processes;
};

/// Says in the snapshot which lines were not read or not whole, what was counted once, what is past
/// a bound, and what the system's tools do not show. Once a text, when all of it was read.
void add_limits(snapshot_builder& to, const parts_read& of);

}  // namespace waitstate::paste
