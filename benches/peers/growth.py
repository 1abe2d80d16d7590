#!/usr/bin/env python3
"""Tells how the cost of zalog grows: with the size of a log, with the number of calls that wait for an
answer, with what logs can be full of that is hard to read, and what it costs to start at all. Prints tables in
Markdown.

Time should grow with the bytes, so that the time a byte takes stays what it is. Private memory should
grow with the calls that are open only, since those have to be kept. What the numbers are, and how they are
measured, is in measure.py. The largest log should fit into memory, or the disk is measured.

  python3 benches/peers/growth.py                            everything: about 6 GiB on the disk
  python3 benches/peers/growth.py --mib 1 --mib 64 --open 1000 --runs 1
  python3 benches/peers/growth.py --hostile torn --hostile nested    these logs only, and nothing else
"""

from __future__ import annotations

import argparse
import datetime
import shlex
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import measure
from hostile_logs import HOSTILE, Hostile
from measure import Command, Cost

SIZES = [1, 32, 1024, 4096]
OPEN = [1, 1_000, 100_000, 1_000_000]
COMMANDS = ["stats", "parse"]
TIMES = 4
"""How much more there is in the larger of two hostile logs. Their times should not differ by much more."""

STARTS = 50
"""How often a program is started: it takes so little time that a few runs would tell nothing."""


@dataclass(frozen=True)
class Log:
    """A log of a row of logs that grow."""

    name: str
    path: Path
    count: int
    """How much of it there is of what grows: bytes, or requests."""


def open_log(version: str, count: int, folder: Path) -> Path:
    """Returns a log of requests that nobody answers, each with a CID of its own."""
    path = folder / f"{version}-open-{count}.log"
    if not path.exists():
        measure.announce(f"writing {path}")
        part = path.with_suffix(".part")
        with open(part, "w", encoding="utf-8") as log:
            log.writelines(requests(version, count))
        part.rename(path)
    return path


def requests(version: str, count: int) -> Iterable[str]:
    """Writes requests a millisecond apart, in the wording of Zato 3.2 or 4.1."""
    start = datetime.datetime(2026, 11, 23, 18, 13)
    for nth in range(count):
        time = start + datetime.timedelta(milliseconds=nth)
        asctime = f"{time:%Y-%m-%d %H:%M:%S},{time.microsecond // 1000:03}"
        # Multiplying by an odd number leaves no two alike, and none in the order of time.
        digits = f"{nth * 0x9E3779B97F4A7C15 % 2**64:016x}"
        service = "zato.http-soap.edit"
        cid, call = f"{digits}{nth:08x}", ""
        if version == "4.1":
            cid = f"{time:%Y%m%d-%H%M%S}-{nth % 10_000:04}-{digits}a"
            call = f"{service} - {cid} - "
        data = {"cluster_id": 1, "id": nth, "name": f"billing/invoice {nth}", "url_path": "/billing/{id}"}
        yield (
            f"{asctime} - INFO - {17_359 + nth % 2}:Dummy-{nth % 40} - {call}zato_admin:21 - "
            f"Request; service:`{service}`, data:`{data}` cid:`{cid}`, \n"
        )


def growth(zalog: str, unit: str, logs: Sequence[Log], runs: int) -> str:
    """Measures commands on logs that hold more and more of a unit."""
    header = ["", "log MiB", "time", f"time a {unit}", f"CPU time a {unit}", "peak MiB", "private MiB"]
    if unit == "request":
        header.append("private bytes a request more")
    rows = []
    for word in COMMANDS:
        commands = [Command(f"`zalog {word}`, {log.name}", [zalog, word, str(log.path)]) for log in logs]
        costs = measure.median_costs(commands, runs)
        for log, command, cost in zip(logs, commands, costs, strict=True):
            cells = [
                command.name,
                measure.mebibytes(log.path.stat().st_size),
                measure.seconds(cost.wall),
                measure.small(cost.wall / log.count),
                measure.small(cost.cpu / log.count),
                measure.mebibytes(cost.peak),
                measure.mebibytes(cost.private),
            ]
            if unit == "request":
                cells.append(bytes_a_request(logs[0], costs[0], log, cost))
            rows.append(cells)
    return measure.table(header, rows)


def bytes_a_request(first: Log, least: Cost, log: Log, cost: Cost) -> str:
    """Returns how much private memory each request takes that `log` has and the first log has not."""
    if cost.private is None or least.private is None or log.count <= first.count:
        return "-"
    return f"{(cost.private - least.private) / (log.count - first.count):,.0f}"


def hostile(zalog: str, kinds: Sequence[Hostile], folder: Path, runs: int) -> str:
    """Measures commands on two logs of each kind, and tells how many times more the larger one costs."""
    header = ["", "command", "MiB", "CPU time", f"CPU time of {TIMES}×", "growth", "private MiB", f"of {TIMES}×"]
    rows = []
    for kind in kinds:
        measure.announce(kind.name)
        paths = [hostile_log(kind, kind.count * times, folder) for times in (1, TIMES)]
        named = [hostile_commands(zalog, path, folder) for path in paths]
        costs = [measure.median_costs(commands, runs) for commands in named]
        for command, less, more in zip(named[0], *costs, strict=True):
            rows.append(
                [
                    kind.name,
                    command.name,
                    measure.mebibytes(paths[1].stat().st_size),
                    measure.seconds(less.cpu),
                    measure.seconds(more.cpu),
                    measure.times(more.cpu / less.cpu),
                    measure.mebibytes(less.private),
                    measure.mebibytes(more.private),
                ]
            )
        for path in paths:
            path.unlink()
    return measure.table(header, rows)


def hostile_log(kind: Hostile, count: int, folder: Path) -> Path:
    """Writes a log with so much of what it is full of."""
    path = folder / f"hostile-{count}.log"
    with open(path, "w", encoding="utf-8") as log:
        log.writelines(kind.parts(count))
    return path


def hostile_commands(zalog: str, log: Path, folder: Path) -> list[Command]:
    """Returns the commands that read logs. Some find nothing."""
    index = folder / "hostile-index"
    anew = f"rm -rf {shlex.quote(str(index))}; exec {shlex.join([zalog, 'index', str(log), '--index', str(index)])}"
    words = {
        "stats": [zalog, "stats", str(log)],
        "parse": [zalog, "parse", str(log)],
        "search": [zalog, "search", "request.id:1 name", str(log), "--count"],
        "examples": [zalog, "examples", str(log)],
        "recipes": [zalog, "recipes", str(log)],
        "audit": [zalog, "audit", str(log)],
        "index": ["sh", "-c", anew],
    }
    return [Command(name, argv, ends=(0, 1)) for name, argv in words.items()]


def start(zalog: str, folder: Path) -> str:
    """Measures programs that have nearly nothing to do."""
    ten_lines = open_log("3.2", 10, folder)
    commands = [
        Command("`zalog --version`", [zalog, "--version"]),
        Command("`zalog stats`, 10 lines", [zalog, "stats", str(ten_lines)]),
        Command("`zalog parse`, 10 lines", [zalog, "parse", str(ten_lines)]),
        Command("`zalog parse --threads 1`, 10 lines", [zalog, "parse", "--threads", "1", str(ten_lines)]),
    ]
    commands += [
        Command(f"`{' '.join(words)}`", [path, *words[1:]])
        for words in (["true"], ["rg", "--version"])
        if (path := shutil.which(words[0]))
    ]
    costs = measure.median_costs(commands, STARTS)
    rows = [
        [
            command.name,
            measure.seconds(cost.wall),
            measure.seconds(cost.cpu),
            measure.mebibytes(cost.peak),
            measure.mebibytes(cost.private),
        ]
        for command, cost in zip(commands, costs, strict=True)
    ]
    return measure.table(["", "time", "CPU time", "peak MiB", "private MiB"], rows)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--mib", type=int, action="append", help=f"a size in MiB (can be repeated) {SIZES}")
    parser.add_argument(
        "--open",
        type=int,
        action="append",
        metavar="N",
        help=f"a number of requests without an answer (can be repeated) {OPEN}",
    )
    parser.add_argument(
        "--hostile",
        action="append",
        metavar="NAME",
        help="only hostile logs whose names hold this text, and nothing else (can be repeated); `all` are all",
    )
    parser.add_argument("--version", default="3.2", choices=["3.2", "4.1"], help="whose logs are generated [3.2]")
    parser.add_argument(
        "--folder", metavar="DIR", help="where they are kept, to be used again [zalog-peers in the temporary folder]"
    )
    parser.add_argument("--runs", type=int, default=3, help="how often each command is timed [3]")
    parser.add_argument("--zalog", metavar="PATH", help="the program to measure [target/release/zalog]")
    given = parser.parse_args()
    if min([given.runs, *(given.mib or []), *(given.open or [])]) < 1:
        parser.error("numbers are at least 1")
    return given


def run(given: argparse.Namespace) -> None:
    started = measure.now()
    zalog = measure.find_zalog(given.zalog)
    folder = measure.log_folder(given.folder)
    if given.hostile:
        kinds = [kind for kind in HOSTILE if any(name == "all" or name in kind.name for name in given.hostile)]
        print(measure.machine(zalog, {}))
        print(f"\n### Hostile logs\n\n{hostile(zalog, kinds, folder, given.runs)}")
        print(f"\n{measure.others_since(started)}")
        return
    sizes: Sequence[int] = given.mib or SIZES
    opens: Sequence[int] = given.open or OPEN
    print(f"Logs as Zato {given.version} writes them; medians of {given.runs} runs.")
    print(measure.machine(zalog, {}))
    measure.announce("The size of the log")
    paths = {size: measure.generated_log(given.version, size, folder) for size in sizes}
    logs = [Log(f"{size:,} MiB", path, path.stat().st_size) for size, path in paths.items()]
    print(f"\n### The size of the log\n\n{growth(zalog, 'byte', logs, given.runs)}", flush=True)
    measure.announce("Requests without an answer")
    logs = [Log(f"{count:,} open", open_log(given.version, count, folder), count) for count in opens]
    print(f"\n### Requests without an answer\n\n{growth(zalog, 'request', logs, given.runs)}", flush=True)
    measure.announce("Starting")
    print(f"\n### Starting\n\nMedians of {STARTS} runs.\n\n{start(zalog, folder)}")
    print(f"\n{measure.others_since(started)}")


if __name__ == "__main__":
    measure.main(lambda: run(arguments()))
