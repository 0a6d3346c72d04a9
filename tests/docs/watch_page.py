#!/usr/bin/env python3
"""usage: watch_page.py [--write]

Holds the screens in docs/watch.md and README.md against the frames that the unit tests of libs/view hold the drawing against, so that
what the page shows is what the program draws. A block that begins after "<!-- frame: NAME -->" is the frame NAME. With
--write the page is written anew.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs/watch.md", ROOT / "README.md"
FRAMES = ROOT / "libs/view/testing/frames"
BLOCK = re.compile(r"(<!-- frame: ([\w-]+) -->\n\n```\n)(.*?)(```\n)", re.S)


def screen(name):
    lines = (FRAMES / f"{name}.txt").read_text().splitlines()
    return "".join(line[1:-1].rstrip() + "\n" for line in lines)


def main():
    for path in PAGES:
        page = path.read_text()
        wanted = BLOCK.sub(lambda m: m[1] + screen(m[2]) + m[4], page)
        if not BLOCK.search(page):
            sys.exit(f"{path.name}: no frame is in it")
        if "--write" in sys.argv[1:]:
            path.write_text(wanted)
        elif page != wanted:
            sys.exit(f"{path.name}: a screen is not what the program draws; ./dev docs writes it")


main()
