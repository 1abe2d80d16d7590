#!/usr/bin/env python3
"""Measures `zalog audit`, whose cost is told by the changes in a log more than by its length: on a log that is
generated, in which four of ten calls change something, and on two from which most of those are left out.

  python3 benches/peers/audit.py                    logs of 1 GiB, generated
  python3 benches/peers/audit.py --mib 256 --runs 9
"""

from __future__ import annotations

import argparse
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import measure
from measure import Command

THINNED = [100, 10]
"""One of so many changes is left in a log."""

LONGER = 1.4
"""How much longer a log is from which changes are left out, so that what is left is as long as the other one."""

SERVICE = re.compile(rb"; service:`[^`]*\.([a-z-]+)`")
CID = re.compile(rb"` cid:`([^`]*)`, $")
CHANGES = {b"create", b"edit", b"delete", b"change-password"}


def left_out(log: Path, thinned: int) -> Iterator[bytes]:
    """Returns the CIDs of the changes that are left out: all but one of so many. A record is one line."""
    with open(log, "rb") as lines:
        for line in lines:
            verb, cid = SERVICE.search(line), CID.search(line.rstrip(b"\n"))
            if verb and cid and verb[1] in CHANGES and zlib.crc32(cid[1]) % thinned:
                yield cid[1]


def thinned_log(mebibytes: int, thinned: int, folder: Path) -> Path:
    """Returns a log of so many MiB with one of so many changes left."""
    path = folder / f"3.2-{mebibytes}-every-{thinned}.log"
    if not path.exists():
        log = measure.generated_log("3.2", round(mebibytes * LONGER), folder)
        measure.announce(f"writing {path}")
        gone, written = set(left_out(log, thinned)), 0
        part = path.with_suffix(".part")
        with open(log, "rb") as lines, open(part, "wb") as out:
            for line in lines:
                cid = CID.search(line.rstrip(b"\n"))
                if written >= mebibytes << 20:
                    break
                if not (cid and cid[1] in gone):
                    written += out.write(line)
        part.rename(path)
    return path


def row(zalog: str, log: Path, runs: int) -> list[str]:
    """Measures the audit of a log."""
    changes = measure.output(Command("", [zalog, "audit", str(log)])).split(" ", 1)[0]
    threads = [Command("", [zalog, "audit", str(log), "--threads", str(count)]) for count in (1, 2)]
    one, two = measure.median_costs(threads, runs)
    size = log.stat().st_size
    return [
        f"{int(changes):,}",
        measure.mebibytes(size),
        measure.seconds(one.wall),
        f"{size / one.wall / 1e6:.0f} MB/s",
        f"{size / one.cpu / 1e6:.0f} MB/s",
        measure.seconds(two.wall),
        measure.mebibytes(one.private),
    ]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=1024, help="how long the logs are [1024]")
    parser.add_argument(
        "--folder", metavar="DIR", help="where they are kept, to be used again [zalog-peers in the temporary folder]"
    )
    parser.add_argument("--runs", type=int, default=3, help="how often each command is timed [3]")
    parser.add_argument("--zalog", metavar="PATH", help="the program to measure [target/release/zalog]")
    given = parser.parse_args()
    if min(given.runs, given.mib) < 1:
        parser.error("numbers are at least 1")
    return given


def run(given: argparse.Namespace) -> None:
    started = measure.now()
    zalog = measure.find_zalog(given.zalog)
    folder = measure.log_folder(given.folder)
    print(measure.machine(zalog, {}))
    logs = [thinned_log(given.mib, thinned, folder) for thinned in THINNED]
    logs.append(measure.generated_log("3.2", given.mib, folder))
    header = ["changes", "log", "one thread", "a second", "a second of CPU", "two threads", "private"]
    rows = [row(zalog, log, given.runs) for log in logs]
    print(f"\n### Auditing\n\nMedians of {given.runs} runs.\n\n{measure.table(header, rows)}")
    print(f"\n{measure.others_since(started)}")


if __name__ == "__main__":
    measure.main(lambda: run(arguments()))
