#!/usr/bin/env python3
"""Measures how calls are found: by zalog in its index and in the log, by SQLite, DuckDB and rg.

SQLite (FTS5) and DuckDB are filled with what `zalog parse` prints, since neither can read the log: what
that takes is not counted. Each question is put to all of them as one program that starts, answers with a
number or with the first 20 calls, and ends. How many calls each finds is told too: they mean the same by a
word but for numbers with a fraction and text with escapes, and rg counts lines.

  python3 benches/peers/search.py                    on a log that is generated
  python3 benches/peers/search.py --mib 1024 --runs 21
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import measure
from compare import find
from measure import Command, Cost, MeasureError

INSTALL = {"sqlite3": "apt-get install sqlite3", "duckdb": "pip install duckdb-cli", "rg": "cargo install ripgrep"}
"""How to install what zalog is compared with."""


@dataclass(frozen=True)
class Question:
    """What is asked, in the language of each program. None where a program has no word for it."""

    name: str
    zalog: list[str]
    sqlite: str
    duckdb: str
    rg: str | None


def words(name: str, zalog: str, fts: str, duckdb: str, rg: str | None) -> Question:
    """Returns a question for the newest calls with some words."""
    return Question(
        name,
        [zalog],
        f"SELECT id FROM calls WHERE calls MATCH '{fts}' ORDER BY started DESC LIMIT 20",
        f"SELECT id FROM calls WHERE {duckdb} ORDER BY started_at DESC LIMIT 20",
        rg,
    )


HAS_NUMBER = "regexp_matches(text, '\\b9576\\b')"
HAS_WORD = "regexp_matches(text, '(?i)\\bpayroll\\b')"
HAS_PHRASE = "regexp_matches(text, '(?i)\\bpayroll\\W+9576\\b')"

QUESTIONS = [
    words("a rare word", "9576", "9576", HAS_NUMBER, "9576"),
    words("a word of many calls", "payroll", "payroll", HAS_WORD, "payroll"),
    words("two words", "payroll 9576", "payroll AND 9576", f"{HAS_WORD} AND {HAS_NUMBER}", None),
    words("a phrase", '"payroll 9576"', '"payroll 9576"', HAS_PHRASE, "payroll 9576"),
    Question(
        "a field of the request",
        ["request.port:588"],
        "SELECT id FROM calls WHERE json_extract(request, '$.port') = 588 ORDER BY started DESC LIMIT 20",
        "SELECT id FROM calls WHERE json_extract(request, '$.port') = '588' ORDER BY started_at DESC LIMIT 20",
        "'port': 588",
    ),
    Question(
        "calls of a minute",
        ['started:"2024-01-01 00:00"'],
        "SELECT id FROM calls WHERE started BETWEEN '2024-01-01T00:00' AND '2024-01-01T00:01' "
        "ORDER BY started DESC LIMIT 20",
        "SELECT id FROM calls WHERE started_at BETWEEN '2024-01-01T00:00' AND '2024-01-01T00:01' "
        "ORDER BY started_at DESC LIMIT 20",
        "^2024-01-01 00:00",
    ),
    Question(
        "deletes of each service",
        ["verb:delete", "--group-by", "service"],
        "SELECT service, count(*) FROM calls WHERE service LIKE '%.delete' GROUP BY service",
        "SELECT service, count(*) FROM calls WHERE service LIKE '%.delete' GROUP BY service",
        None,
    ),
]


class Stores:
    """The index, the databases, and the log that they are made of."""

    def __init__(self, zalog: str, log: Path, folder: Path) -> None:
        self.zalog = zalog
        self.log = log
        self.index = folder / "index"
        self.lines = folder / "calls.jsonl"
        self.sqlite = folder / "calls.sqlite"
        self.duckdb = folder / "calls.duckdb"
        self.missing = {program for program in INSTALL if find(program) is None}

    def build(self) -> list[tuple[str, Cost, int]]:
        """Fills all of them. Returns what that cost and how many bytes each takes."""
        built = [self.measured("`zalog index`", [self.zalog, "index", str(self.log), "--index", str(self.index)])]
        with open(self.lines, "wb") as out:
            subprocess.run([self.zalog, "parse", str(self.log)], stdout=out, check=True)
        started, cpu = time.perf_counter(), time.process_time()
        fill_sqlite(self.sqlite, self.lines)
        cost = Cost(time.perf_counter() - started, time.process_time() - cpu)
        built.append(("SQLite FTS5, from Python", cost, size(self.sqlite)))
        if duckdb := find("duckdb"):
            built.append(self.measured("DuckDB, a table", [duckdb, "-init", "/dev/null", str(self.duckdb), "-c", self.table()]))
        return built

    def measured(self, name: str, argv: list[str]) -> tuple[str, Cost, int]:
        """Runs what fills a store."""
        cost = measure.run(Command(name, argv), watch=True)
        return name, cost, size(self.index if argv[0] == self.zalog else self.duckdb)

    def table(self) -> str:
        """Returns the statement that fills DuckDB."""
        columns = "{id: 'VARCHAR', service: 'VARCHAR', started_at: 'VARCHAR', request: 'JSON', response: 'JSON'}"
        return (
            "CREATE TABLE calls AS SELECT *, concat_ws(' ', service, request, response) AS text FROM "
            f"read_json('{self.lines}', format = 'newline_delimited', maximum_object_size = 100000000, columns = {columns})"
        )

    def commands(self, question: Question, *, count: bool) -> list[Command]:
        """Returns the commands that answer a question, or those that tell how many answers there are."""
        options = ["--count"] if count and "--group-by" not in question.zalog else []
        commands = [
            Command("`zalog search`, index", [self.zalog, "search", *question.zalog, *options, "--index", str(self.index)]),
            Command("`zalog search`, log", [self.zalog, "search", question.zalog[0], str(self.log), *question.zalog[1:], *options]),
        ]

        def counted(statement: str) -> str:
            if not count:
                return statement
            return f"SELECT count(*) FROM ({statement.removesuffix(' LIMIT 20')})"

        if sqlite := find("sqlite3"):
            commands.append(Command("SQLite", [sqlite, str(self.sqlite), counted(question.sqlite)]))
        if duckdb := find("duckdb"):
            words = [duckdb, "-init", "/dev/null", "-readonly", "-noheader", "-list", str(self.duckdb), "-c"]
            commands.append(Command("DuckDB", [*words, counted(question.duckdb)]))
        if (rg := find("rg")) and question.rg:
            commands.append(Command("`rg -c`", [rg, "-c", question.rg, str(self.log)]))
        return commands


def fill_sqlite(path: Path, lines: Path) -> None:
    """Puts calls into a full-text index, as its manual shows."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = off")
    connection.execute(
        "CREATE VIRTUAL TABLE calls USING fts5("
        "service, request, response, id UNINDEXED, started UNINDEXED, tokenize = 'unicode61')"
    )

    def rows():  # noqa: ANN202
        with open(lines, encoding="utf-8") as file:
            for line in file:
                call = json.loads(line)
                payloads = [json.dumps(call.get(side), ensure_ascii=False) for side in ("request", "response")]
                yield (call["service"], *payloads, call["id"], call.get("started_at"))

    connection.executemany("INSERT INTO calls VALUES (?, ?, ?, ?, ?)", rows())
    connection.commit()
    connection.close()


def size(path: Path) -> int:
    """Returns the bytes of a file or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def first_number(text: str) -> str:
    """Returns the number that a program has counted, or how many groups there are."""
    lines = text.split("\n")
    return lines[0] if lines[0].strip().isdigit() else f"{len([line for line in lines if line.strip()])} lines"


def answers(stores: Stores, runs: int) -> str:
    """Measures all questions. Returns a table."""
    rows = []
    header: list[str] = []
    for question in QUESTIONS:
        measure.announce(question.name)
        commands = stores.commands(question, count=False)
        counts = {}
        for command in stores.commands(question, count=True):
            done = subprocess.run(command.argv, capture_output=True, text=True, errors="replace")
            counts[command.name] = first_number(done.stdout) if done.returncode in (0, 1) else "failed"
        times: dict[str, list[float]] = {command.name: [] for command in commands}
        for _ in range(runs + 1):
            for command in commands:
                started = time.perf_counter()
                # Nothing found is an answer.
                subprocess.run(command.argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
                times[command.name].append(time.perf_counter() - started)
        # The first run of each warms up.
        medians = {name: statistics.median(of_command[1:]) for name, of_command in times.items()}
        header = header or list(medians)
        cells = [f"{measure.seconds(medians[name])} ({counts[name]})" if name in medians else "-" for name in header]
        rows.append([f"{question.name}: `{' '.join(question.zalog)}`", *cells])
    return measure.table(["", *header], rows)


def builds(stores: Stores) -> str:
    """Fills all stores. Returns a table."""
    log = stores.log.stat().st_size
    rows = [
        [
            name,
            measure.seconds(cost.wall),
            f"{log / 1e6 / cost.wall:.0f}",
            measure.seconds(cost.cpu),
            f"{100 * taken / log:.0f} %",
            measure.mebibytes(cost.private),
        ]
        for name, cost, taken in stores.build()
    ]
    return measure.table(["", "time", "MB of log a second", "CPU time", "size, of the log", "private MiB"], rows)


def refresh(stores: Stores, folder: Path) -> str:
    """Indexes a log, adds a hundredth, and indexes it again. Returns a sentence."""
    log, index = folder / "admin.log", folder / "refreshed"
    whole = stores.log.read_bytes()
    cut = whole.rindex(b"\n", 0, len(whole) * 100 // 101) + 1
    log.write_bytes(whole[:cut])
    command = Command("`zalog index`", [stores.zalog, "index", str(log), "--index", str(index)])
    first = measure.run(command)
    with open(log, "ab") as out:
        out.write(whole[cut:])
    second, third = measure.run(command), measure.run(command)
    return (
        f"The index of a log, then of the same log with a hundredth more, then once more: {measure.seconds(first.wall)}, "
        f"{measure.seconds(second.wall)} ({100 * second.wall / first.wall:.1f} % of the first), {measure.seconds(third.wall)}."
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--mib", type=int, default=256, help="how large the log is, in MiB [256]")
    parser.add_argument(
        "--folder", metavar="DIR", help="where the log is kept, to be used again [zalog-peers in the temporary folder]"
    )
    parser.add_argument("--runs", type=int, default=11, help="how often each question is put [11]")
    parser.add_argument("--zalog", metavar="PATH", help="the program to measure [target/release/zalog]")
    given = parser.parse_args()
    if given.runs < 1 or given.mib < 1:
        parser.error("--runs and --mib are at least 1")
    return given


def run(given: argparse.Namespace) -> None:
    started = measure.now()
    zalog = measure.find_zalog(given.zalog)
    folder = measure.log_folder(given.folder)
    log = measure.generated_log("3.2", given.mib, folder)
    names = {"rg": "ripgrep", "sqlite3": "SQLite", "duckdb": "DuckDB"}
    programs = {name: path for program, name in names.items() if (path := find(program))}
    print(f"A log of {given.mib} MiB as Zato 3.2 writes it; medians of {given.runs} runs.")
    print(measure.machine(zalog, programs))
    temporary = Path(tempfile.mkdtemp(dir=folder))
    try:
        stores = Stores(zalog, log, temporary)
        measure.announce("filling")
        print(f"\n### Filling\n\n{builds(stores)}\n\n{refresh(stores, temporary)}", flush=True)
        print(f"\n### Asking\n\nIn parentheses: how many were found.\n\n{answers(stores, given.runs)}")
    finally:
        shutil.rmtree(temporary)
    print(f"\n{measure.others_since(started)}")
    if stores.missing:
        how = [f"{program} (`{INSTALL[program]}`)" for program in sorted(stores.missing)]
        print(f"Not installed, and skipped: {', '.join(how)}.")


if __name__ == "__main__":
    try:
        measure.main(lambda: run(arguments()))
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: {error}")
