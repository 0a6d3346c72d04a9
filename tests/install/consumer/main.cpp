// What a user's first program with the installed library looks like.
#include <chrono>
#include <cstdio>

#include <waitstate/client/client.h>

int main() {
  using namespace std::chrono_literals;
  namespace ws = waitstate::client;
  ws::client background;
  const auto nobody = ws::parse_endpoint("127.0.0.1:1");
  if (!nobody) return 2;
  auto made = background.make_cluster(ws::static_source({{.at = *nobody}}), {});
  if (!made) return 2;
  const auto got = background.wait((*made)->acquire({.deadline = ws::clock::now() + 500ms}));
  std::printf("%s\n", got ? "connected" : got.error().what.c_str());
  return got ? 1 : 0;  // nobody listens there
}
