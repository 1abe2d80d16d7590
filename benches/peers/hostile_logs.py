"""Writes logs that are made to be slow or large to read: deep, long, many, all alike or all different.

Each is written for a count of what there is much of, so that it can be measured whether time and memory grow
faster than that count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

START = "2026-11-23 18:13:07,123 - INFO - 17359:Dummy-1 - zato_admin:21 - "


@dataclass(frozen=True)
class Hostile:
    """A kind of log."""

    name: str
    count: int
    """How much of it there is in the smaller of two logs; the larger has four times as much."""
    parts: Callable[[int], Iterable[str]]


def record(direction: str, payload: str, cid: str = "c", service: str = "a.b") -> str:
    return f"{START}{direction}; service:`{service}`, data:`{payload}` cid:`{cid}`, \n"


def nested(start: str, opening: str, inner: str, closing: str) -> Callable[[int], Iterable[str]]:
    """A response that is nested so many levels deep, and its request."""

    def parts(count: int) -> Iterable[str]:
        yield record("Request", "{'id': 1}")
        yield f"{START}Response; service:`a.b`, data:`{start}"
        yield opening * count
        yield inner
        yield closing * count
        yield "` cid:`c`, \n"

    return parts


def long_text(count: int) -> Iterable[str]:
    yield f"{START}Request; service:`a.b`, data:`{{'text': '"
    for _ in range(count >> 10):
        yield "0123456789abcdef" * 64
    yield "'}` cid:`c`, \n"
    yield record("Response", "done")


def no_record(count: int) -> Iterable[str]:
    yield record("Request", "{'id': 1}") + record("Response", "done")
    for _ in range(count >> 10):
        yield "0123456789abcdef" * 64


def tiny_pairs(count: int) -> Iterable[str]:
    for nth in range(count // 2):
        yield record("Request", "{}", f"{nth:x}") + record("Response", "", f"{nth:x}")


def unanswered(count: int) -> Iterable[str]:
    for nth in range(count):
        yield record("Request", "{}", f"{nth * 0x9E3779B97F4A7C15 % 2**64:016x}")


def services(count: int) -> Iterable[str]:
    for nth in range(count):
        service, cid = f"zato.s{nth}.create", f"{nth:x}"
        yield record("Request", f"{{'id': {nth}}}", cid, service)
        yield record("Response", "{'id': 1}", cid, service)


def one_cid_nested(count: int) -> Iterable[str]:
    for nth in range(count):
        yield record("Request", f"{{'id': {nth}}}")
    for nth in range(count):
        yield record("Response", f"{{'id': {nth}}}")


def one_cid_in_turn(count: int) -> Iterable[str]:
    for nth in range(count):
        yield record("Request", f"{{'id': {nth}}}") + record("Response", f"{{'id': {nth}}}")


def one_cid_many_services(count: int) -> Iterable[str]:
    for nth in range(count):
        yield record("Request", "{'id': 1}", service=f"a.{nth}")
    for nth in range(count):
        yield record("Response", "{'id': 1}", service=f"a.{nth}")


def equal_records(count: int) -> Iterable[str]:
    pair = record("Request", "{'id': 1}") + record("Response", "{'id': 1}")
    for _ in range(count):
        yield pair


def equal_requests(count: int) -> Iterable[str]:
    one = record("Request", "{'id': 1}")
    for _ in range(count):
        yield one


def fake_headers(count: int) -> Iterable[str]:
    yield record("Request", "{'id': 1}")
    yield f"{START}Response; service:`a.b`, data:`"
    for nth in range(count):
        yield f"\n{START}a message, number {nth}"
    yield "` cid:`c`, \n"


def quoted_requests(count: int) -> Iterable[str]:
    yield record("Request", "{'id': 1}")
    yield f"{START}Response; service:`a.b`, data:`a log:\n"
    for nth in range(count):
        yield record("Request", "{'id': 1}", f"{nth:x}")
    yield "` cid:`c`, \n"


def unfinished(payload: str, direction: str, separator: str, end: str) -> Callable[[int], Iterable[str]]:
    """Records none of which is closed, and then what closes the last, and so all of them."""
    return torn(f"{START}{direction}; service:`a.b`, data:`{payload}{separator}", end)


def brackets(payload: str, direction: str, separator: str, end: str) -> Callable[[int], Iterable[str]]:
    return torn(f"{START}cid:[c], name:[a.b], {direction}:[{payload}{separator}", end)


def torn(start: str, end: str) -> Callable[[int], Iterable[str]]:
    def parts(count: int) -> Iterable[str]:
        for _ in range(count):
            yield start
        yield end + "\n" + record("Request", "{'id': 1}") + record("Response", "{'id': 1}")

    return parts


def many_keys(count: int) -> Iterable[str]:
    yield record("Request", "{'id': 1}")
    keys = ", ".join(f"'k{nth}': {nth}" for nth in range(count))
    yield record("Response", f"{{{keys}}}")


def many_items(count: int) -> Iterable[str]:
    yield record("Request", "{'id': 1}")
    items = ", ".join(f"{{'k': {nth}}}" for nth in range(count))
    yield record("Response", f"[{items}]")


def equal_keys(count: int) -> Iterable[str]:
    yield record("Request", "{'id': 1}")
    yield record("Response", "{" + "'k': 1, " * count + "}")


def distinct_keys(count: int) -> Iterable[str]:
    for nth in range(count):
        yield record("Request", f"{{'k{nth}': {nth}}}", f"{nth:x}")
        yield record("Response", f"{{'k{nth}': {nth}}}", f"{nth:x}")


def distinct_objects(count: int) -> Iterable[str]:
    """Objects that are created and stay, with as many fields as those of Zato have."""
    service = "zato.email.smtp.create"
    fields = (
        "'cluster_id': 1, 'is_active': False, 'host': 'smtp.example.com', 'port': 588, 'timeout': 303, "
        "'is_debug': False, 'password': '******', 'mode': 'starttls', 'ping_address': 'admin@example.com'"
    )
    for nth in range(count):
        named = f"'name': 'partner API {nth}'"
        yield record("Request", f"{{{named}, 'username': 'user.{nth}', {fields}}}", f"{nth:x}", service)
        yield record("Response", f"{{'id': {nth}, {named}}}", f"{nth:x}", service)


def one_object(count: int) -> Iterable[str]:
    for nth in range(count):
        yield record("Request", f"{{'id': 1, 'name': 'n{nth}'}}", f"{nth:x}", "zato.http-soap.edit")
        yield record("Response", "{'id': 1}", f"{nth:x}", "zato.http-soap.edit")


def quotes(mark: str) -> Callable[[int], Iterable[str]]:
    def parts(count: int) -> Iterable[str]:
        yield record("Request", "{'id': 1}")
        yield record("Response", mark * count)

    return parts


def behind_a_name(mark: str) -> Callable[[int], Iterable[str]]:
    """What may be a secret, in text."""

    def parts(count: int) -> Iterable[str]:
        yield record("Request", "{'id': 1}")
        yield record("Response", "see password=" + mark * count)

    return parts


def types_of_objects(count: int) -> Iterable[str]:
    for nth in range(count):
        service, cid = f"zato.type{nth}.get", f"{nth:x}"
        yield record("Request", "{'id': 1}", cid, service)
        yield record("Response", f"{{'id': {nth}}}", cid, service)


def older_and_older(count: int) -> Iterable[str]:
    """Each record is seven seconds older than the one before, and its CID is none that Zato makes."""
    for nth in range(count):
        seconds = (count - nth) * 7
        days, seconds = divmod(seconds, 86_400)
        months, days = divmod(days, 28)
        years, months = divmod(months, 12)
        date = f"{1970 + years:04}-{months + 1:02}-{days + 1:02}"
        time = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},000"
        yield f"{date} {time}" + record("Response", "text", "c")[len("2018-11-11 22:01:57,123"):]


def without_requests(count: int) -> Iterable[str]:
    """Responses of one service without requests, between requests of it without responses."""
    for nth in range(count):
        yield record("Response", "{}", f"a{nth:x}") + record("Request", "{}", f"b{nth:x}")
        yield record("Request", "{}", f"c{nth:x}") + record("Response", "{}", f"c{nth:x}")


def inside_one_another(count: int) -> Iterable[str]:
    """Two processes that write at once: each request has another one in the middle of it."""
    for nth in range(count):
        outer = record("Request", "{'id': 'x'}", f"a{nth:x}")
        middle = outer.index("x'}")
        yield outer[:middle] + record("Request", "{'id': 1}", f"b{nth:x}") + outer[middle:]


def values_with_more(count: int) -> Iterable[str]:
    """Each response has a line behind it that closes it once more."""
    for nth in range(count):
        yield f"{START}cid:[c{nth:x}], name:[a.b], response:[[\n[1]\n, 2]]\nmore]\n"


def callers(count: int) -> Iterable[str]:
    for nth in range(count):
        yield record("Request", "{'id': 1}", service=f"a.{nth}")


M = 1 << 20

HOSTILE = [
    Hostile("nested lists, repr", 250_000, nested("", "[", "1", "]")),
    Hostile("nested dicts, repr", 250_000, nested("", "{'a': ", "1", "}")),
    Hostile("nested lists, JSON", 250_000, nested("", "[", "null", "]")),
    Hostile("nested dicts, JSON", 250_000, nested("", '{"a": ', "null", "}")),
    Hostile("nested lists, not closed", 250_000, nested("", "[", "1", "")),
    Hostile("nested parentheses", 250_000, nested("", "(", "1", ",)")),
    Hostile("nested calls", 250_000, nested("", "set(", "[1]", ")")),
    Hostile("nested JSON in text", 250_000, nested("'", '{"a": ', "null", "}")),
    Hostile("one line, text", 16 * M, long_text),
    Hostile("one line, no record", 16 * M, no_record),
    Hostile("tiny records", 2_500_000, tiny_pairs),
    Hostile("unanswered requests", 2_500_000, unanswered),
    Hostile("services", 250_000, services),
    Hostile("one CID, nested", 100_000, one_cid_nested),
    Hostile("one CID, in turn", 100_000, one_cid_in_turn),
    Hostile("one CID, many services", 100_000, one_cid_many_services),
    Hostile("equal pairs", 100_000, equal_records),
    Hostile("equal requests", 100_000, equal_requests),
    Hostile("headers in a payload", 25_000, fake_headers),
    Hostile("requests in a payload", 25_000, quoted_requests),
    Hostile("torn requests in a line", 10_000, unfinished("{'a': ", "Request", "", "1}` cid:`c`, ")),
    Hostile("torn requests, open text", 10_000, unfinished("{'a': \"", "Request", "", "1}` cid:`c`, ")),
    Hostile("torn responses in a line", 10_000, unfinished("{'a': ", "Response", "", "1}` cid:`c`, ")),
    Hostile("torn texts in a line", 10_000, unfinished("text", "Response", "", "` cid:`c`, ")),
    Hostile("torn requests, brackets", 10_000, brackets("{'a': ", "SIO request", "", "1}]")),
    Hostile("torn responses, brackets", 10_000, brackets("text", "response", "", "]")),
    Hostile("torn responses, a line each", 10_000, unfinished("text", "Response", "\n", "` cid:`c`, ")),
    Hostile("torn lists, a line each", 10_000, unfinished("[1, 2, 3, 4", "Response", "\n", "` cid:`c`, ")),
    Hostile("keys of one dict", 100_000, many_keys),
    Hostile("items of one list", 100_000, many_items),
    Hostile("equal keys of one dict", 100_000, equal_keys),
    Hostile("keys that differ", 100_000, distinct_keys),
    Hostile("objects", 100_000, distinct_objects),
    Hostile("edits of one object", 100_000, one_object),
    Hostile("quotes", M, quotes("'")),
    Hostile("quotes, escaped", M, quotes("\\'")),
    Hostile("backticks", M, quotes("`")),
    Hostile("ends of records", M >> 3, quotes("` cid:`c`, ")),
    Hostile("markers", M >> 3, quotes("Request; service:`a`, data:`")),
    Hostile("dashes", M, quotes(" - ")),
    Hostile("newlines", M, quotes("\n")),
    Hostile("backslashes behind a name", M, behind_a_name("\\")),
    Hostile("calls behind a name, not closed", M >> 4, behind_a_name("password=a(\n")),
    Hostile("types of objects", 50_000, types_of_objects),
    Hostile("records that get older", 100_000, older_and_older),
    Hostile("responses without requests", 50_000, without_requests),
    Hostile("requests inside one another", 50_000, inside_one_another),
    Hostile("values with more behind", 50_000, values_with_more),
    Hostile("callers", 50_000, callers),
    Hostile("torn headers in a line", 10_000, torn(f"{START}{START}Request; service:`a.b`, data:`{{'a': ", "1}` cid:`c`, ")),
]
