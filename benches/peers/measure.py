"""Runs programs and measures what they cost: time, CPU time, peak memory.

Standard output goes through a pipe and is thrown away, as in `zalog … | cat >/dev/null` but with an end
that costs nearly nothing. Standard output is never /dev/null itself: grep notices that, and stops at
the first match. Standard error is kept, and shown when a program fails.

Time is measured in runs that nobody watches. Memory is measured in one run of its own, the warm-up,
in which /proc/PID/status is read every half millisecond. Memory can be measured on Linux only.
"""

from __future__ import annotations

import datetime
import fcntl
import os
import platform
import re
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

MEBIBYTE = 1 << 20

ROOT = Path(__file__).resolve().parents[2]

PIPE_SIZE = MEBIBYTE
"""Bytes: the largest that Linux gives to everybody. A small one makes a writer wait for its reader."""

WATCH_CLOSELY = 0.05
"""For so many seconds memory is read without a pause: a program may be done by then."""

WATCH_AT_LEAST = 0.1
"""Seconds. A program that is done in less is watched again: a look may come too early or too late."""

WATCH_PAUSE = 0.0005
"""Seconds between two looks at the memory after that."""


class MeasureError(Exception):
    """A program or a log that can't be had. Its text is for the user."""


@dataclass(frozen=True)
class Command:
    """A program to measure."""

    name: str
    argv: Sequence[str]
    env: dict[str, str] = field(default_factory=dict)
    """What is set in its environment on top of ours."""
    ends: Sequence[int] = (0,)
    """The exit statuses that are no failure."""


@dataclass(frozen=True)
class Cost:
    """What a run cost. Times are in seconds, memory is in bytes and None where it is unknown."""

    wall: float
    cpu: float
    """User and system time of all its threads."""
    peak: int | None = None
    """VmHWM: the most memory that was resident. Of a file that is mapped, the pages that were read count."""
    private: int | None = None
    """The largest RssAnon seen: memory that is its own and not a file's. The kernel counts it roughly: it
    may be off by some 100 KiB a thread."""


def median_costs(commands: Sequence[Command], runs: int) -> list[Cost]:
    """Runs all commands in turn, `runs` times, after a warm-up of each, in which memory is measured."""
    watched = [peak_memory(command) for command in commands]
    rounds = [[run(command) for command in commands] for _ in range(runs)]
    return [
        Cost(
            statistics.median(cost.wall for cost in costs), statistics.median(cost.cpu for cost in costs), peak, private
        )
        for (peak, private), costs in zip(watched, zip(*rounds, strict=True), strict=True)
    ]


def peak_memory(command: Command) -> tuple[int | None, int | None]:
    """Runs a command and returns the most memory that was resident and its own, in bytes."""
    costs: list[Cost] = []
    while sum(cost.wall for cost in costs) < WATCH_AT_LEAST:
        costs.append(run(command, watch=True))
    # A program that has not begun when it is seen has no memory yet.
    peaks, privates = [cost.peak for cost in costs if cost.peak], [cost.private for cost in costs if cost.private]
    return max(peaks, default=None), max(privates, default=None)


def run(command: Command, *, watch: bool = False) -> Cost:
    """Runs a command once."""
    with tempfile.TemporaryFile() as stderr:
        read_end, write_end = os.pipe()
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            fcntl.fcntl(read_end, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        reader = threading.Thread(target=discard, args=(read_end,))
        reader.start()
        started = time.perf_counter()
        try:
            process = subprocess.Popen(
                command.argv,
                stdin=subprocess.DEVNULL,
                stdout=write_end,
                stderr=stderr,
                env=os.environ | command.env,
            )
        except OSError as error:
            raise MeasureError(f"failed to start {command.argv[0]}: {error.strerror}") from error
        finally:
            os.close(write_end)
        peak, private = watch_memory(process.pid) if watch else (None, None)
        # Of a process that is waited for in any other way, the CPU time can't be had.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        reader.join()
        if process.returncode not in command.ends:
            stderr.seek(0)
            said = stderr.read().decode(errors="replace").strip()
            raise MeasureError(f"{shlex.join(command.argv)}\nended with {process.returncode}: {said}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak, private)


def output(command: Command) -> str:
    """Runs a command without measuring it and returns what it prints."""
    done = subprocess.run(command.argv, capture_output=True, text=True, errors="replace", env=os.environ | command.env)
    if done.returncode != 0:
        raise MeasureError(f"{shlex.join(command.argv)}\nended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def discard(pipe: int) -> None:
    """Reads a pipe to its end. Where the system can, nothing is copied."""
    with open(os.devnull, "wb") as null, open(pipe, "rb", buffering=0) as source:
        if hasattr(os, "splice"):
            while os.splice(source.fileno(), null.fileno(), PIPE_SIZE):
                pass
        else:
            while source.read(PIPE_SIZE):
                pass


def watch_memory(pid: int) -> tuple[int | None, int | None]:
    """Waits for the end of a process. Returns the largest VmHWM and RssAnon that were seen, in bytes."""
    try:
        status = os.open(f"/proc/{pid}/status", os.O_RDONLY)
    except FileNotFoundError:
        return None, None
    peak = private = None
    close_until = time.perf_counter() + WATCH_CLOSELY
    try:
        while lines := os.pread(status, 4096, 0):
            resident, anonymous = kibibytes(lines, b"\nVmHWM:"), kibibytes(lines, b"\nRssAnon:")
            if resident is None or anonymous is None:
                break
            peak, private = max(peak or 0, resident), max(private or 0, anonymous)
            if time.perf_counter() > close_until:
                time.sleep(WATCH_PAUSE)
    except ProcessLookupError:
        pass
    finally:
        os.close(status)
    return peak, private


def kibibytes(status: bytes, key: bytes) -> int | None:
    """Returns the value of a line `key  123 kB` in bytes. A process that has ended has no such line."""
    _, found, rest = status.partition(key)
    return int(rest.split(maxsplit=1)[0]) * 1024 if found else None


def find_zalog(given: str | None) -> str:
    """Returns the path of the program to measure."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = Path(given) if given else target / "release" / "zalog"
    if not path.is_file():
        raise MeasureError(f"no zalog at {path}\nBuild it: cargo build --release --locked")
    return str(path.resolve())


def generated_log(version: str, mebibytes: int, folder: Path) -> Path:
    """Returns a log of this size as Zato of this version writes it. One that is there is used again."""
    path = folder / f"{version}-{mebibytes}.log"
    if not path.exists():
        # A file that was not finished must not be taken for the log, and cargo starts elsewhere.
        part = path.with_suffix(".part").absolute()
        command = ["cargo", "bench", "--quiet", "--locked", "--bench", "pipeline", "--"]
        command += ["generate", version, str(mebibytes), str(part)]
        announce(f"writing {path}")
        try:
            subprocess.run(command, cwd=ROOT, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise MeasureError(f"failed to write {path}\n{shlex.join(command)} has failed") from error
        part.rename(path)
    return path


def log_folder(given: str | None) -> Path:
    """Returns the folder for generated logs."""
    folder = Path(given) if given else Path(tempfile.gettempdir()) / "zalog-peers"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def machine(zalog: str, programs: dict[str, str]) -> str:
    """Tells in one line what was measured where: processor, memory, system, versions, date.

    `programs` are the paths of programs by the names that they are called here.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    versions = {"zalog": zalog} | programs
    return "; ".join(
        [
            f"{processor()}, {os.cpu_count()} cores, {memory:.0f} GiB of memory",
            f"{platform.system()} {platform.release()}",
            *(f"{name} {version(path)}" for name, path in versions.items()),
            f"Python {platform.python_version()}",
            datetime.date.today().isoformat(),
        ]
    )


def processor() -> str:
    """Returns the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def version(program: str) -> str:
    """Returns the first number with a dot that a program tells about itself."""
    done = subprocess.run([program, "--version"], capture_output=True, text=True, errors="replace")
    found = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return found[0] if found else "of an unknown version"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table in Markdown. Its first column is text, the others are numbers."""
    ruler = ["---"] + ["---:"] * (len(header) - 1)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [header, ruler, *rows])


def digits(value: float) -> str:
    """Returns a number with about three digits that count."""
    places = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{places}f}"


def seconds(value: float) -> str:
    """Returns a time in the unit that suits it. Nobody needs less than a tenth of a millisecond of a run."""
    return f"{digits(value)} s" if value >= 0.9995 else f"{value * 1000:.{1 if value < 0.09995 else 0}f} ms"


def small(value: float) -> str:
    """Returns the time that one of many things took."""
    if value >= 0.9995e-3:
        return seconds(value)
    return f"{digits(value * 1e6)} µs" if value >= 0.9995e-6 else f"{digits(value * 1e9)} ns"


def mebibytes(value: float | None) -> str:
    """Returns a size in MiB, or `-` where it is unknown."""
    return "-" if value is None else f"{value / MEBIBYTE:.{1 if value < 99.95 * MEBIBYTE else 0}f}"


def times(value: float) -> str:
    """Returns a ratio."""
    return f"{digits(value)}×"


@dataclass(frozen=True)
class Moment:
    """A point in time, and how much CPU time other programs had used until then, in seconds."""

    time: float
    others: float | None


def now() -> Moment:
    """Returns this moment. What another guest of the same host takes away counts as other programs."""
    try:
        first = Path("/proc/stat").read_text().splitlines()[0]
    except OSError:
        return Moment(time.perf_counter(), None)
    user, nice, system, _idle, _waiting, interrupts, soft_interrupts, stolen = map(int, first.split()[1:9])
    busy = (user + nice + system + interrupts + soft_interrupts + stolen) / os.sysconf("SC_CLK_TCK")
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    ours = time.process_time() + children.ru_utime + children.ru_stime
    return Moment(time.perf_counter(), busy - ours)


def others_since(start: Moment) -> str:
    """Tells how busy the machine has been with other things: times are worth little where it was."""
    end = now()
    if start.others is None or end.others is None:
        return "How busy other programs kept the machine is not known."
    share = max(end.others - start.others, 0) / (end.time - start.time)
    return f"All other programs took {share:.2f} of {os.cpu_count()} cores meanwhile."


def announce(text: str) -> None:
    """Tells the user what is going on. Standard output is for the tables."""
    print(text, file=sys.stderr, flush=True)


def main(program: Callable[[], None]) -> None:
    """Runs a program, and ends with a word instead of a traceback if something is wrong."""
    try:
        program()
    except MeasureError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
