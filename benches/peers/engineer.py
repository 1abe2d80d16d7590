#!/usr/bin/env python3
"""What an engineer would write today to read admin.log: `engineer.py stats|parse|examples LOG`.

A record starts at a line that starts with a time. Payloads are JSON or Python's notation, in 3.0 the repr of JSON text.
What is not done: secrets are not masked, and bytes of Python 2 are read as Latin-1, since ast.literal_eval is Python 3's."""
import ast, json, math, re, sys
from collections import defaultdict
from datetime import datetime

START = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - ")
HEADER = r"(?P<time>\S+ \S+) - \w+ - (?P<pid>\d+):(?P<thread>\S+) - [^`\[]*?"
SINCE_2019 = re.compile(HEADER + r"(?P<kind>Request|Response); service:`(?P<service>[^`]+)`, data:`(?P<data>.*)` cid:`(?P<cid>[^`]+)`, $", re.S)
BEFORE_2019 = re.compile(HEADER + r"cid:[\[`](?P<cid>[^\]`]+)[\]`], name:[\[`](?P<service>[^\]`]+)[\]`], (?:SIO )?(?P<kind>request|response):[\[`](?P<data>.*)[\]`]$", re.S)
REST_WRAPPER = "pub.zato.service.service-invoker"  # 3.2 logs it around each call through the REST API
EMPTY = ("", "None", "[]", "{}", "u''", "''", "'[]'", "'{}'")

def records(path):
    lines = []
    with open(path, encoding="utf-8", errors="replace", newline="\n") as log:
        for line in log:
            if lines and START.match(line):
                yield "".join(lines)[:-1]
                lines.clear()
            lines.append(line)
    yield "".join(lines).removesuffix("\n")

def calls(path):
    """Gives pairs of request and response. One of them is None where the log has only the other."""
    pending = {}
    for record in records(path):
        match = SINCE_2019.match(record) or BEFORE_2019.match(record)
        if not match:
            continue
        key = match["pid"], match["cid"], match["service"]
        if match["kind"] in ("Request", "request"):
            pending.setdefault(key, []).append(match)
        elif key in pending:
            yield pending[key].pop(), match
            if not pending[key]:
                del pending[key]
        else:
            yield None, match
    for requests in pending.values():
        yield from ((request, None) for request in requests)

def decode(text):
    for read in (json.loads, ast.literal_eval):
        try:
            value = read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        return decode(value) if isinstance(value, str) else value
    return text or None

def time(match):
    return datetime.fromisoformat(match["time"].replace(",", ".")) if match else None

def milliseconds(request, response):
    return round((time(response) - time(request)).total_seconds() * 1000) if request and response else None

def stats(path):
    services = defaultdict(lambda: {"calls": 0, "unanswered": 0, "ms": [], "times": []})
    for request, response in calls(path):
        if (request or response)["service"] == REST_WRAPPER:
            continue
        service = services[(request or response)["service"]]
        service["calls"] += 1
        service["unanswered"] += response is None
        if request and response:
            service["ms"].append(milliseconds(request, response))
        service["times"] += [match["time"] for match in (request, response) if match]
    for name, service in sorted(services.items(), key=lambda item: -item[1]["calls"]):
        ms, times = sorted(service.pop("ms")), service.pop("times")
        rank = lambda percent: ms[max(math.ceil(len(ms) * percent / 100), 1) - 1] if ms else None
        print(json.dumps({"service": name, **service, "median_ms": rank(50), "p95_ms": rank(95), "longest_ms": ms[-1] if ms else None,
                          "first_seen": min(times), "last_seen": max(times)}))

def parse(path):
    for request, response in calls(path):
        either = request or response
        print(json.dumps({"service": either["service"], "cid": either["cid"], "pid": int(either["pid"]), "thread": either["thread"],
            "started_at": request and time(request).isoformat(), "finished_at": response and time(response).isoformat(),
            "duration_ms": milliseconds(request, response),
            "request": decode(request["data"]) if request else None, "response": decode(response["data"]) if response else None}))

def examples(path):
    best = {}
    for request, response in calls(path):
        if request and response and request["service"] != REST_WRAPPER:
            rank = response["data"] in EMPTY, len(request["data"]) + len(response["data"])
            if request["service"] not in best or rank < best[request["service"]][0]:
                best[request["service"]] = rank, request["data"], response["data"]
    print(json.dumps([{"service": service, "request": decode(request), "response": decode(response)}
                      for service, (_, request, response) in sorted(best.items())], indent=2))

if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("stats", "parse", "examples"):
        sys.exit(__doc__)
    {"stats": stats, "parse": parse, "examples": examples}[sys.argv[1]](sys.argv[2])
