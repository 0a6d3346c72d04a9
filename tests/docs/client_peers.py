#!/usr/bin/env python3
"""Holds the table of docs/client.md beside other clients against the tests: what is said to be here names a test that exists.

usage: client_peers.py
"""
import pathlib, re, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TITLE = "## Beside other clients\n"


def tests():
    found = set()
    for folder in ("libs/client", "tests/integration"):
        for path in (ROOT / folder).rglob("*_test.cpp"):
            found |= {f"{suite}.{name}" for suite, name in re.findall(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)", path.read_text(), re.M)}
    return found


def main():
    section = (ROOT / "docs/client.md").read_text().split(TITLE)[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in section.splitlines() if line.startswith("| ")]
    head, known, wrong = rows[0], tests(), []
    for row in rows[1:]:
        what, here, shown = row[0], row[1], row[-1].strip("`")
        if len(row) != len(head):
            wrong.append(f"'{what}' has {len(row)} cells, the head has {len(head)}")
        elif here == "no" and shown:
            wrong.append(f"'{what}' is not here, and a test shows it")
        elif here != "no" and shown not in known:
            wrong.append(f"'{what}': no test '{shown}'")
    if len(rows) < 20:
        wrong.append(f"{len(rows)} rows: the table was not found")
    for line in wrong:
        print(f"client_peers.py: {line}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


main()
