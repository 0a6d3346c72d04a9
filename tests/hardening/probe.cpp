// Has what each kind of hardening leaves a trace of: a buffer on the stack, a copy of a size that
// is known late, an index that is checked.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

int main(int count, char** words) {
  char copy[64];
  std::strcpy(copy, words[0]);
  const std::vector<int> numbers(static_cast<std::size_t>(count), 1);
  std::printf("%s %d\n", copy, numbers[std::strlen(copy)]);
}
