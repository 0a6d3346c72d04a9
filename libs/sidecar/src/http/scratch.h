#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace waitstate::sidecar {

/// What one exchange of a request and its response needs while it is under way, and gives back for
/// the next: clients that are idle hold none.
struct scratch {
  std::string request;   ///< As it goes to the server, so that it can be sent again.
  std::string response;  ///< The head as it goes to the client.
  std::array<char, std::size_t{32} << 10> in;  ///< What came from the server; not initialised.
};

/// Scratches of one loop that nobody uses now. Of its thread alone.
class scratch_list {
 public:
  struct giver {
    scratch_list* to;
    void operator()(scratch* what) const { to->give_back(what); }
  };
  using lent = std::unique_ptr<scratch, giver>;

  /// The list outlives what it lends.
  [[nodiscard]] lent lend();

 private:
  void give_back(scratch* what);

  static constexpr std::size_t kept_max = 64;
  static constexpr std::size_t text_kept_max = std::size_t{64} << 10;
  std::vector<std::unique_ptr<scratch>> free_;
};

}  // namespace waitstate::sidecar
