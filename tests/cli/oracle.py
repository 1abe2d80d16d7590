"""Prints, for each value of a fixed seed, a JSON array of its repr and of its value in the mapping that zalog uses,
as ast.literal_eval reads that repr back."""
import ast, json, math, random

random.seed(20181111)

HOSTILE = ["", "'", '"', "'\"", "`", "\\", "\\\\'", "\\x41", "\\u0041", "\n", "\r\n", "\t\b\f\v\a", "\0", "\x1b[31m",
    "\x7f\x80\x9f\xa0\xad", "\u017c\u00f3\u0142\u0107", "\u65e5\u672c", "\U0001f600", "\ud800", "\udfff\ud800", "\u2028\u2029",
    "\ufeff", "{'a': 1}", "]}),", "` cid:`x`, ", "u'x'", "b'x'", "None", "1L", "#", "...", "$(x)", "%s", "A" * 300]

def text():
    if random.random() < 0.5:
        return "".join(random.choice(HOSTILE) for _ in range(random.randrange(4)))
    return "".join(chr(random.choice([random.randrange(128), random.randrange(0x3000), random.randrange(0x110000)]))
                   for _ in range(random.randrange(12)))

def number():
    return random.choice([0, -0.0, 1, -1, True, False, None, 0.1, 1e300, 1e-300, 5e-324, 1.7976931348623157e308, 1e16, 123456789.125,
        random.getrandbits(random.randrange(1, 400)), -random.getrandbits(64), random.random() * 10 ** random.randrange(-20, 20)])

def scalar():
    return random.choice([text, text, number, lambda: text().encode("utf8", "replace"), lambda: bytes(random.getrandbits(8) for _ in range(random.randrange(9)))])()

def value(depth):
    kind = random.random() if depth else 1
    size = random.randrange(5)
    if kind < 0.2: return [value(depth - 1) for _ in range(size)]
    if kind < 0.3: return tuple(value(depth - 1) for _ in range(size))
    if kind < 0.35: return {random.choice([text(), number()]) for _ in range(size + 1)}
    if kind < 0.6: return {random.choice([text, text, text, number, lambda: (1, text())])(): value(depth - 1) for _ in range(size)}
    return scalar()

def deep(depth):
    whole = []
    for level in range(depth):
        whole = random.choice([[whole], (whole,), {text(): whole}])
    return whole

def plain(v):
    if isinstance(v, str): return "".join("\ufffd" if 0xD800 <= ord(c) <= 0xDFFF else c for c in v)
    if isinstance(v, bool) or v is None or isinstance(v, int): return v
    if isinstance(v, float): return v
    if isinstance(v, bytes):
        try: return v.decode("utf8")
        except UnicodeDecodeError: return v.decode("latin1")
    if isinstance(v, (list, tuple)): return [plain(x) for x in v]
    if isinstance(v, set): return ["set"]
    return {plain(k) if isinstance(k, str) else str(k): plain(x) for k, x in v.items()}

for n in range(6000):
    v = deep(n % 90) if n % 50 == 0 else value(n % 6)
    r = repr(v)
    if r == "set()": continue
    back = ast.literal_eval(r)
    print(json.dumps([r.encode("utf8", "backslashreplace").decode("utf8"), plain(back)]))
