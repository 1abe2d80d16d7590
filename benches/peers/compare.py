#!/usr/bin/env python3
"""Runs zalog beside other programs on one log and prints how they compare, as tables in Markdown.

Programs that do the same work stand beside each other. What they tell of each service is compared before it
is measured; --check compares all calls too. Programs that do less, such as rg and grep, are there as a
measure of what it costs to pass over a log at all. Those that are not installed are named with the way to
install them.

The programs run in turn (A B C, A B C, …), after a warm-up of each; times are medians. What the numbers
are, and how they are measured, is in measure.py.

  python3 benches/peers/compare.py                        all tasks on a log that is generated
  python3 benches/peers/compare.py --task parse --mib 256
  python3 benches/peers/compare.py --log admin.log --runs 3
  python3 benches/peers/compare.py --check                compare results, calls whole, measure nothing
"""

from __future__ import annotations

import argparse
import collections
import gzip
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import measure
from measure import Command, MeasureError

HERE = Path(__file__).resolve().parent

INSTALL = {
    "rg": "cargo install ripgrep",
    "grep": "apt-get install grep",
    "agrind": "cargo install ag",
    "duckdb": "pip install duckdb-cli",
    "zstd": "apt-get install zstd",
    "gzip": "apt-get install gzip",
}
"""How to install what zalog is compared with."""

NAMES = {
    "rg": "ripgrep",
    "grep": "grep",
    "agrind": "angle-grinder",
    "duckdb": "DuckDB",
    "zstd": "zstd",
    "gzip": "gzip",
}
"""What they are called."""

SINCE_2019 = "; service:"
BEFORE_2019 = ", name:"
"""What each record of a call holds, by the wording of the version."""

REST_WRAPPER = "pub.zato.service.service-invoker"
"""The service that Zato 3.2 logs around each call through its REST API."""

TASKS = {
    "count": "Pass over the log",
    "stats": "Statistics of each service",
    "parse": "Every call as JSON",
    "examples": "An example of each service",
    "zst": "Statistics of a log in .zst",
    "gz": "Statistics of a log in .gz",
}

NOTES = {
    "count": "rg and grep count the lines of calls, angle-grinder counts them by service: none of them pairs calls.",
    "stats": "All pair requests with responses and tell calls, unanswered calls, durations, first and last time.",
    "parse": "All pair calls and decode payloads. Only zalog looks for secrets, unless it is told to show them, "
    "and tells where a call stands.",
    "examples": "All choose a short call of each service that was answered and print it. Without `--per-service 1` zalog"
    " looks at the fields and types of all calls, and chooses three.",
    "zst": "zstd only decompresses.",
    "gz": "gzip only decompresses.",
}


class Peers:
    """The commands for one log, of the programs that are installed."""

    def __init__(self, zalog: str, log: Path) -> None:
        self.program = zalog
        self.log = str(log)
        self.missing: set[str] = set()

    def task(self, task: str) -> list[Command]:
        """Returns the commands that do a task. The first one is what the others are compared with."""
        match task:
            case "count":
                peers = [
                    self.peer("rg", f"`rg -cF '{self.needle()}'`", "-cF", self.needle(), self.log),
                    self.peer(
                        "grep", f"`LC_ALL=C grep -cF '{self.needle()}'`", "-cF", self.needle(), self.log, LC_ALL="C"
                    ),
                    self.peer("agrind", "angle-grinder", "--file", self.log, self.agrind_query()),
                ]
                return self.zalog("stats") + [peer for peer in peers if peer]
            case "stats":
                duckdb = self.duckdb()
                return [*self.zalog("stats"), self.engineer("stats"), *([duckdb] if duckdb else [])]
            case "parse":
                show = self.zalog("parse", "--show-secrets")[1:]
                return [*self.zalog("parse"), *show, self.engineer("parse")]
            case "examples":
                one = self.zalog("examples", "--per-service", "1")
                return [*one, *self.zalog("examples"), self.engineer("examples")]
            case _:
                raise AssertionError(f"no task {task}")

    def compressed(self, suffix: str, folder: Path) -> list[Command]:
        """Compresses the log and returns the commands that read it."""
        program = {"zst": "zstd", "gz": "gzip"}[suffix]
        copy = folder / f"admin.log.{suffix}"
        if suffix == "gz":
            with open(self.log, "rb") as log, gzip.open(copy, "wb", compresslevel=6) as out:
                shutil.copyfileobj(log, out, measure.MEBIBYTE)
        elif path := find(program):
            subprocess.run([path, "-q", "-3", self.log, "-o", str(copy)], check=True)
        else:
            self.missing.add(program)
            return []
        peer = self.peer(program, f"`{program} -dc`", "-dc", str(copy))
        return Peers(self.program, copy).zalog("stats") + ([peer] if peer else [])

    def zalog(self, *words: str) -> list[Command]:
        """Returns the commands of zalog with all threads and with one."""
        return [
            Command(f"`{' '.join(['zalog', *words, *threads])}`", [self.program, *words, *threads, self.log])
            for threads in ([], ["--threads", "1"])
        ]

    def engineer(self, mode: str) -> Command:
        """Returns the command of the Python script."""
        return Command(f"`engineer.py {mode}`", [sys.executable, str(HERE / "engineer.py"), mode, self.log])

    def duckdb(self) -> Command | None:
        """Returns the command of DuckDB, which prints JSON."""
        quoted = self.log.replace("'", "''")
        words = ["-init", "/dev/null", "-json", "-c", f"SET VARIABLE log = '{quoted}'", "-f", str(HERE / "stats.sql")]
        return self.peer("duckdb", "DuckDB, `stats.sql`", *words)

    def agrind_query(self) -> str:
        """Returns the query that counts the records of each service."""
        if self.needle() == SINCE_2019:
            return '"; service:`" | parse "; service:`*`, data" as service | count by service'
        return '", name:" | parse ", name:*, " as service | count by service'

    def peer(self, program: str, name: str, *words: str, **env: str) -> Command | None:
        """Returns the command of a program if it is installed."""
        path = find(program)
        if path is None:
            self.missing.add(program)
            return None
        return Command(name, [path, *words], env)

    def needle(self) -> str:
        """Returns what each record of a call in this log holds."""
        with open(self.log, "rb") as log:
            start = log.read(measure.MEBIBYTE)
        return SINCE_2019 if SINCE_2019.encode() in start else BEFORE_2019


def find(program: str) -> str | None:
    """Returns where a program is, if it is installed."""
    path = shutil.which(program)
    if path and program == "duckdb":
        # What pip installs starts the program as a child, whose memory would not be seen.
        packaged = Path(path).parent.parent.glob("lib/python*/site-packages/duckdb_cli/duckdb")
        return str(next(packaged, path))
    return path


def check_statistics(peers: Peers) -> str:
    """Compares what the programs tell about each service. Returns a sentence about it."""
    document = json.loads(measure.output(Command("zalog", [peers.program, "stats", "--format", "json", peers.log])))
    # The scripts leave out all wrappers of the REST API, zalog those whose call is in the log.
    expected = {service["service"]: service for service in document["services"] if service["service"] != REST_WRAPPER}
    lines = measure.output(peers.engineer("stats")).splitlines()
    found = {"engineer.py": [json.loads(line) for line in lines]}
    if duckdb := peers.duckdb():
        found["DuckDB"] = json.loads(measure.output(duckdb))
    said = []
    for name, services in found.items():
        rows = {service["service"]: service for service in services}
        # DuckDB names neither durations nor times as the others do.
        keys = ["calls", "unanswered"] + (["median_ms", "p95_ms", "longest_ms"] if name == "engineer.py" else [])
        differing = [
            service
            for service in sorted(expected.keys() | rows.keys())
            if [expected.get(service, {}).get(key) for key in keys] != [rows.get(service, {}).get(key) for key in keys]
        ]
        if differing:
            number = f"{len(differing)} of {len(expected)} services"
            said.append(f"**{name} differs from zalog on {number}**, such as {differing[0]}.")
        else:
            said.append(f"{name} agrees with zalog on {', '.join(keys)} of all {len(expected)} services.")
    return " ".join(said)


def check_calls(peers: Peers) -> str:
    """Compares every call, payloads included. Returns a sentence about it."""
    keys = ["service", "cid", "pid", "thread", "duration_ms", "request", "response"]
    commands = {
        "zalog": Command("zalog", [peers.program, "parse", "--show-secrets", peers.log]),
        "engineer.py": peers.engineer("parse"),
    }
    calls: dict[str, collections.Counter[str]] = {}
    for name, command in commands.items():
        calls[name] = collections.Counter()
        with subprocess.Popen(command.argv, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for line in process.stdout:
                call = json.loads(line)
                calls[name][json.dumps([call.get(key) for key in keys], sort_keys=True)] += 1
        if process.returncode != 0:
            raise MeasureError(f"{' '.join(command.argv)} ended with {process.returncode}")
    zalog, engineer = calls["zalog"], calls["engineer.py"]
    total = zalog.total()
    only_zalog, only_engineer = zalog - engineer, engineer - zalog
    if not only_zalog and not only_engineer:
        return f"engineer.py reads all {total} calls as zalog does, payloads included."
    samples = [min(side, key=len)[:400] for side in (only_zalog, only_engineer) if side]
    return f"**engineer.py reads {only_zalog.total()} of {total} calls otherwise than zalog:**\n\n" + "\n".join(
        f"    {sample}" for sample in samples
    )


def compare(commands: Sequence[Command], runs: int, size: int) -> str:
    """Measures commands that read `size` bytes and returns a table. Ratios are to the first command."""
    costs = measure.median_costs(commands, runs)
    first = costs[0]
    header = ["", "time", "to zalog", "MiB/s", "CPU time", "to zalog", "peak MiB", "private MiB"]
    rows = [
        [
            command.name,
            measure.seconds(cost.wall),
            measure.times(cost.wall / first.wall),
            f"{size / measure.MEBIBYTE / cost.wall:.0f}",
            measure.seconds(cost.cpu),
            measure.times(cost.cpu / first.cpu),
            measure.mebibytes(cost.peak),
            measure.mebibytes(cost.private),
        ]
        for command, cost in zip(commands, costs, strict=True)
    ]
    return measure.table(header, rows)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--log", metavar="PATH", help="the log to read; without it one is generated")
    parser.add_argument(
        "--version",
        default="3.2",
        choices=[version + more for version in ("2.0", "3.0", "3.2", "4.1") for more in ("", "+uploads")],
        help="whose log is generated, maybe with uploads of a megabyte [3.2]",
    )
    parser.add_argument("--mib", type=int, default=64, help="how large it is, in MiB [64]")
    parser.add_argument(
        "--folder",
        metavar="DIR",
        help="where generated logs are kept, to be used again [zalog-peers in the temporary folder]",
    )
    parser.add_argument("--runs", type=int, default=5, help="how often each command is timed [5]")
    parser.add_argument("--task", action="append", choices=TASKS, help="what is compared (can be repeated) [all]")
    parser.add_argument("--zalog", metavar="PATH", help="the program to measure [target/release/zalog]")
    parser.add_argument("--check", action="store_true", help="compare what the programs read, and measure nothing")
    given = parser.parse_args()
    if given.runs < 1 or given.mib < 1:
        parser.error("--runs and --mib are at least 1")
    return given


def run(given: argparse.Namespace) -> None:
    started = measure.now()
    zalog = measure.find_zalog(given.zalog)
    folder = measure.log_folder(given.folder)
    log = Path(given.log) if given.log else measure.generated_log(given.version, given.mib, folder)
    if not log.is_file():
        raise MeasureError(f"no log at {log}")
    peers = Peers(zalog, log)
    if given.check:
        print(check_statistics(peers))
        print(check_calls(peers))
        return
    size = log.stat().st_size
    programs = {name: path for program, name in NAMES.items() if (path := find(program))}
    whose = "" if given.log else f" as Zato {given.version} writes it"
    print(f"A log of {size / measure.MEBIBYTE:.0f} MiB{whose}; medians of {given.runs} runs.")
    print(measure.machine(zalog, programs))
    for task in given.task or TASKS:
        measure.announce(TASKS[task])
        print(f"\n### {TASKS[task]}\n\n{NOTES[task]}")
        if task == "stats":
            print(check_statistics(peers))
        if task in ("zst", "gz"):
            with tempfile.TemporaryDirectory(dir=folder) as temporary:
                commands = peers.compressed(task, Path(temporary))
                text = compare(commands, given.runs, size) if commands else "Nothing to compress it with."
        else:
            text = compare(peers.task(task), given.runs, size)
        print(f"\n{text}", flush=True)
    print(f"\n{measure.others_since(started)}")
    if peers.missing:
        how = [f"{program} (`{INSTALL[program]}`)" for program in sorted(peers.missing)]
        print(f"Not installed, and skipped: {', '.join(how)}.")


if __name__ == "__main__":
    measure.main(lambda: run(arguments()))
