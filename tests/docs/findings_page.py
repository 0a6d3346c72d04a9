#!/usr/bin/env python3
"""Holds what docs/findings.md says to do against what the program prints.

usage: findings_page.py WAITSTATE            fails when a section says something else
       findings_page.py WAITSTATE --write    writes the blocks anew

For each finding there is a paste that shows it. The remedies of its report stand in the finding's section between two
markers; what is written by hand around them stays.
"""
import json, pathlib, re, subprocess, sys, textwrap

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs/findings.md"
PASTES = ROOT / "tests/incidents"
BEGIN = "<!-- remedies of a report; ./dev docs writes them -->\n"
END = "<!-- end of the remedies -->\n"
CASES = {
    "ephemeral-port-exhaustion": "redis-rows-and-error",
    "short-connections": "time-wait-count-past-every-range",
    "proxy-without-keepalive": "haproxy-and-full-range",
    "probe-churn": "benign-probe-of-its-own-address",
    "server-side-time-wait": "benign-web-server-counts",
    "bind-before-connect": "source-address-bound-first",
    "port-range-too-small": "narrow-port-range",
    "listen-port-in-ephemeral-range": "listen-port-in-range",
    "listen-port-in-use": "listen-port-taken-java",
    "address-not-available": "address-of-another-host",
    "time-wait-bucket-overflow": "time-wait-table-log",
    "nat-tw-recycle": "tw-recycle-behind-nat",
    "time-wait-never-expires": "macos-up-for-fifty-days",
    "leaked-connections": "java-client-pool-of-close-wait",
    "stale-pooled-connections": "idle-pool-that-the-server-closed",
    "server-not-closing": "server-rows-not-closed",
    "accept-queue-stuck": "listener-queue-over-backlog",
    "listen-backlog-too-small": "syn-flood-cookies",
    "application-stalled": "syn-received-behind-close-wait",
    "fd-exhaustion": "descriptor-limit-and-count",
    "ghost-sockets": "descriptors-without-a-socket",
    "pool-exhausted": "pool-of-hikari-and-actuator",
    "fin-wait2-stuck": "fin-wait-2-rows-bsd",
    "orphaned-sockets": "orphans-log-and-limit",
    "abortive-close": "closed-with-data-unread",
    "half-open-no-keepalive": "clients-that-are-gone-for-hours",
    "syn-unanswered": "syn-sent-to-three-back-ends",
    "syn-flood": "handshakes-that-nobody-completes",
    "conntrack-full": "conntrack-log",
    "tcp-memory": "tcp-memory-sockstat",
    "misguided-sysctl": "settings-from-a-list",
}
# Told from how often a segment was sent again, which is read from the kernel and from no paste.
LIVE_ONLY = {"unacknowledged-data"}


def remedies_of(binary, finding):
    paste = PASTES / f"{CASES[finding]}.txt"
    run = subprocess.run([binary, "diagnose", "--json", "--from", paste], capture_output=True, text=True)
    found = [f for f in json.loads(run.stdout)["findings"] if f["id"] == finding]
    if not found:
        sys.exit(f"findings_page.py: {paste.name} does not show {finding}")
    return found[0]["remedies"]


def ended(text):
    return text if text.endswith((".", "?")) else text + "."


def block(remedies):
    lines = []
    for number, r in enumerate(remedies, 1):
        text = ended(r["text"])
        if r["risk"]:
            text += f" Mind: {ended(r['risk'])}"
        if r["undo"]:
            text += f" Undo: `{r['undo']}`." if r["undo"].startswith("sysctl ") else f" Undo: {ended(r['undo'])}"
        lines += textwrap.wrap(f"{number}. {text}", 100, subsequent_indent="   ",
                               break_long_words=False, break_on_hyphens=False) + [""]
        if r["command"]:
            lines += ["```", *r["command"].rstrip("\n").split("\n"), "```", ""]
    return BEGIN + "\n" + "\n".join(lines) + "\n" + END


def written(binary, document):
    """The document with each block as the program says it."""
    parts = re.split(r"(?m)^(?=## )", document)
    ids = set()
    for i, part in enumerate(parts):
        if not part.startswith("## "):
            continue
        finding = part[3:].split("\n")[0]
        ids.add(finding)
        if finding in LIVE_ONLY:
            continue
        if part.count(BEGIN) != 1 or part.count(END) != 1:
            sys.exit(f"findings_page.py: {finding} has no place for its remedies\n"
                     f"  hint: under \"What to do\": {BEGIN.strip()} and {END.strip()}, a line each")
        if finding not in CASES:
            sys.exit(f"findings_page.py: no paste shows {finding}\n  hint: name one of tests/incidents in CASES")
        before, rest = part.split(BEGIN)
        parts[i] = before + block(remedies_of(binary, finding)) + rest.split(END)[1]
    if ids != set(CASES) | LIVE_ONLY:
        sys.exit(f"findings_page.py: no section of docs/findings.md: {', '.join((set(CASES) | LIVE_ONLY) - ids)}")
    return "".join(parts)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    document = DOCUMENT.read_text()
    wanted = written(sys.argv[1], document)
    if "--write" in sys.argv:
        DOCUMENT.write_text(wanted)
    elif document != wanted:
        sys.exit("findings_page.py: docs/findings.md says something else than the program\n  hint: ./dev docs")


main()
