#!/usr/bin/env python3
"""Holds the settings in docs/client.md against the headers of the client library.

usage: client_settings.py            fails when the document says something else than the headers
       client_settings.py --write    writes the section anew
"""
import pathlib, re, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "libs/client"
DOCUMENT = ROOT / "docs/client.md"
TITLE = "## Every setting\n"
SETTINGS = [
    ("One pool, and its limits", ["pool_limits", "pool_settings", "acquire_options"]),
    ("A pool of another library's handles", ["handle_pool_settings", "handle_cluster_settings"]),
    ("How connections are made", ["dial_settings", "tls_file_settings"]),
    ("When leases are taken back", ["reclaim_policy"]),
    ("A cluster", ["cluster_settings", "call_options"]),
    ("Who gets a call, and what a failure means",
     ["balancer_settings", "failure_settings", "retry_settings", "retry_budget_settings"]),
    ("Where servers are learned", ["dns_settings", "zookeeper_settings", "zookeeper_auth", "announcer_settings"]),
    ("HTTP", ["http_settings", "http_client_settings", "http_limits", "http_drain_limits", "http_call_options"]),
    ("Thrift", ["thrift_settings", "mux_settings", "thrift_transport_settings"]),
    ("Redis", ["redis_settings", "redis_limits", "redis_call"]),
    ("Log", ["log_settings"]),
]
UNITS = {"milliseconds": "ms", "seconds": "s", "minutes": "min", "hours": "h"}


def structs():
    found = {}
    for path in sorted(LIBRARY.glob("*/include/waitstate/client/*/*.h")):
        text = path.read_text()
        wing = path.parent.name
        umbrella = "waitstate/client.h" if wing == "core" else f"waitstate/client/{wing}.h"
        for match in re.finditer(r"((?:^///[^\n]*\n)*)^struct (\w+) \{\n(.*?)^\};", text, re.S | re.M):
            found[match[2]] = (umbrella, sentence(match[1]), match[3])
    return found


def sentence(comment):
    text = " ".join(re.sub(r"^\s*///<?\s?", "", line) for line in comment.strip().splitlines())
    return " ".join(text.split())


def default(declaration):
    text = declaration.strip()
    text = re.sub(r"std::chrono::(\w+)\(([\d']+)\)", lambda m: f"{m[2]} {UNITS[m[1]]}", text)
    text = re.sub(r"std::chrono::(\w+)\{([\d']+)\}", lambda m: f"{m[2]} {UNITS[m[1]]}", text)
    text = text.replace("'", ",")
    sizes = {"std::size_t{64} << 10": "64 KiB", "std::uint64_t{64} << 10": "64 KiB",
             "std::uint64_t{16} << 20": "16 MiB", "std::size_t{512} << 20": "512 MiB",
             "std::size_t{64} << 20": "64 MiB", "thrift_frame_max": "16,384,000"}
    return sizes.get(text, text)


def fields(body):
    """(name, default, meaning) of each member; functions and nested types have none."""
    rows, above, shared, lines = [], [], "", body.splitlines()
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        at += 1
        if line.startswith("///") and not line.startswith("///<"):
            above.append(line)
            continue
        if line.startswith("//"):
            shared = re.sub(r"^//\s*", "", line)
            continue
        if not line:
            above, shared = [], ""
            continue
        code = line
        while ";" not in code.split("///<")[0] and at < len(lines):
            code += " " + lines[at].strip()
            at += 1
        code, _, after = code.partition("///<")
        meaning = [sentence("\n".join(above))] if above else []
        if after:
            meaning.append(after.strip())
            while at < len(lines) and lines[at].strip().startswith("///<"):
                meaning.append(lines[at].strip()[4:].strip())
                at += 1
        above = []
        declaration = code.strip().rstrip(";")
        match = (re.match(r"(?P<type>.+?)\s+(?P<name>\w+)\s*=\s*(?P<value>.+)$", declaration)
                 or re.match(r"(?P<type>.+?)[\s>]+(?P<name>\w+)\{(?P<value>.*)\}$", declaration)
                 or re.match(r"(?P<type>.+?)\s+(?P<name>\w+)$", declaration))
        if not match or declaration.startswith(("friend", "static", "[[", "struct", "enum")):
            continue
        value = match.groupdict().get("value")
        kind = declaration[: match.start("name")].strip()
        if value is not None and "chrono::" in kind and "chrono" not in value:
            unit = next((UNITS[u] for u in UNITS if u in kind), "")
            value = f"{value} {unit}".strip()
        if value in ("0",) and kind.endswith("duration"):
            value = "0 s"
        value = default(value) if value else {"std::string": '""'}.get(kind, "-")
        rows.append((match["name"], value, " ".join(meaning) or shared or "-"))
    return rows


def section():
    known = structs()
    out = [TITLE, "",
           "Durations of 0 mean \"no limit\" or \"off\", as it says. This section is made of the headers, which",
           "say more (`tests/docs/client_settings.py --write`).", ""]
    for title, names in SETTINGS:
        out += [f"### {title}", ""]
        for name in names:
            header, what, body = known[name]
            out += [f"**`{name}`** (`{header}`)" + (f": {what}" if what else ""), "",
                    "| setting | default | what, and why |", "|---|---|---|"]
            for field, value, meaning in fields(body):
                cell = meaning.replace("|", "\\|")
                out.append(f"| `{field}` | {'-' if value == '-' else f'`{value}`'} | {cell} |")
            out.append("")
    missing = {n for n in known if re.search(r"(settings|limits|policy|options)$", n)} - {
        n for _, names in SETTINGS for n in names}
    if missing:
        sys.exit(f"client_settings.py: in no part of the document: {', '.join(sorted(missing))}\n"
                 "  hint: name them in SETTINGS")
    return "\n".join(out).replace(TITLE + "\n", TITLE)


def main():
    document = DOCUMENT.read_text()
    before, _, now = document.partition(TITLE)
    wanted = section().rstrip() + "\n"
    if "--write" in sys.argv:
        DOCUMENT.write_text(before.rstrip() + "\n\n" + wanted)
    elif TITLE + now != wanted:
        sys.exit("client_settings.py: docs/client.md says something else than the headers\n"
                 "  hint: tests/docs/client_settings.py --write")


main()
