#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "waitstate/base/fd.h"
#include "waitstate/base/result.h"
#include "waitstate/remedy/journal.h"

namespace waitstate::remedy {

/// What was done to one thing, for whoever asks afterwards.
struct audit_entry {
  std::chrono::system_clock::time_point at;
  std::string_view verb;     ///< "reap"
  std::string_view outcome;  ///< "closed"
  /// What was acted on and why, in the order in which it is written: {"peer", "10.0.0.7:80"}.
  /// Texts may be from anywhere; bytes that are no UTF-8 are replaced.
  std::vector<std::pair<std::string_view, std::string>> facts;
};

/// One JSON object a line: "time", "verb", "outcome", "uid", "login" (the user behind sudo), then
/// the facts.
[[nodiscard]] std::string to_json_line(const audit_entry& e, std::uint32_t uid,
                                       std::string_view login);

/// A file to which every act is appended, one line for each, in one write. It is created readable
/// for its owner alone, a missing last folder of its path too; a link in its place is not followed.
/// Where there is a journal, each line goes there, too, with its parts as fields (WAITSTATE_VERB,
/// ...); what the journal does not take is in the file.
///
/// Who acts opens it first: what cannot be recorded is not done. Not for use by several threads;
/// several processes may append to one file.
class audit_log {
 public:
  /// Where it is unless the user says otherwise.
  static constexpr std::string_view usual_path = "/var/log/waitstate/audit.jsonl";

  /// `option` is the one that names another file, for the hint of an error.
  [[nodiscard]] static result<audit_log> open(const std::string& path,
                                              std::string_view option = "--audit",
                                              journal also = journal());

  /// Fails when the line is not whole in the file (a full disk): nothing more may be done then.
  [[nodiscard]] result<> record(const audit_entry& e);

 private:
  audit_log(fd file, std::string path, std::string option, journal also)
      : file_(std::move(file)),
        path_(std::move(path)),
        option_(std::move(option)),
        journal_(std::move(also)) {}

  fd file_;
  std::string path_;
  std::string option_;
  journal journal_;
};

}  // namespace waitstate::remedy
