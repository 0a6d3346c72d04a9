#!/usr/bin/env python3
"""Compiles the snippets of docs/client.md and README.md with the includes that they list, as a user would: C++20, all warnings.

usage: client_snippets.py CXX             all together
       client_snippets.py CXX --each      each by itself, which shows that its own includes are enough (a minute)
"""
import pathlib, re, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What the page says that each snippet leaves out, and the two values that several of them speak of.
BEFORE = """
#include <waitstate/client.h>
using namespace waitstate::client;
using namespace std::chrono_literals;
using waitstate::failure, waitstate::result;
extern io_threads& background;
extern result<std::shared_ptr<cluster>> search;
task<std::string> ask(std::shared_ptr<cluster> servers, std::string question);
"""
GENERATED = """
#include <memory>
namespace apache::thrift::protocol { class TProtocol; }
struct searchClient { explicit searchClient(std::shared_ptr<apache::thrift::protocol::TProtocol> over); };
"""


def snippets():
    for page in ("docs/client.md", "README.md"):
        text = (ROOT / page).read_text()
        for match in re.finditer(r"^```cpp\n(.*?)^```", text, re.S | re.M):
            code = match[1]
            if "#include" in code:
                yield f"{page}:{text[: match.start()].count(chr(10)) + 1}", code
            elif not code.startswith("using namespace"):
                sys.exit(f"client_snippets.py: {page}: a snippet lists no include:\n{code}")


def whole(number, where, code):
    includes = "\n".join(line for line in code.splitlines() if line.startswith("#include"))
    includes = includes.replace('#include "gen-cpp/search.h"', GENERATED)
    rest = "\n".join("" if line.startswith("#include") else line for line in code.splitlines())
    rest = re.sub(r"\bint main\(", f"int main_{number}(", rest)
    if not re.search(r"^(task<|int main_)", rest, re.M):
        rest = f"result<> snippet_{number}() {{\n{rest}\nreturn {{}};\n}}"
    return includes, f'// {where}\nnamespace snippets {{\n{rest}\n}}\n'


def compile_text(cxx, text):
    libraries = sorted((ROOT / "libs").glob("client/*/include")) + [ROOT / "libs/base/include", ROOT]
    postgres = subprocess.run(["pkg-config", "--cflags", "libpq"], capture_output=True, text=True).stdout.split()
    with tempfile.NamedTemporaryFile("w", suffix=".cpp") as source:
        source.write(text)
        source.flush()
        command = [cxx, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wno-unused", "-Wno-return-type", "-Werror", *postgres,
                   *(f"-I{folder}" for folder in libraries), source.name]
        return subprocess.run(command, capture_output=True, text=True)


def main():
    cxx = sys.argv[1]
    all_of_them = [whole(number, *snippet) for number, snippet in enumerate(snippets())]
    if "--each" in sys.argv:
        texts = [includes + BEFORE + code for includes, code in all_of_them]
    else:
        texts = ["\n".join(includes for includes, _ in all_of_them) + BEFORE + "".join(code for _, code in all_of_them)]
    failed = False
    for text in texts:
        done = compile_text(cxx, text)
        if done.returncode != 0:
            failed = True
            print(done.stderr, file=sys.stderr)
    if len(all_of_them) < 20:
        sys.exit(f"client_snippets.py: {len(all_of_them)} snippets: they were not found")
    sys.exit(1 if failed else 0)


main()
