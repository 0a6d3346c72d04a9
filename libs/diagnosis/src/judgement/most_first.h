#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace waitstate::diagnosis {

/// Sorts by what `key` says of each, highest first; equals stay in their order, so that the same
/// snapshot gives the same report. (std::stable_sort of libstdc++ 12 does not compile without
/// warnings under clang.)
template <class T, class Key>
void sort_most_first(std::vector<T>& all, Key key) {
  using key_type = std::decay_t<std::invoke_result_t<Key, const T&>>;
  std::vector<std::pair<key_type, std::size_t>> order;
  order.reserve(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) order.emplace_back(std::invoke(key, all[i]), i);
  std::ranges::sort(order, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::vector<T> sorted;
  sorted.reserve(all.size());
  for (const auto& [rank, index] : order) sorted.push_back(std::move(all[index]));
  all = std::move(sorted);
}

}  // namespace waitstate::diagnosis
