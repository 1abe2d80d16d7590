"""Makes HTTPie's calls with one start of HTTPie.

Each folder below the one that is given holds what a shell has passed to `http`: `argv`, its
arguments with a NUL after each, and `stdin`.
"""

import pathlib
import sys

from httpie.context import Environment
from httpie.core import main

failed = 0
for call in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    argv = (call / 'argv').read_text('utf-8').split('\0')[:-1]
    with open(call / 'stdin', 'rb') as stdin, open(call / 'out', 'w+') as out:
        env = Environment(
            stdin=stdin, stdin_isatty=False, stdout=out, stdout_isatty=False, stderr=sys.stderr
        )
        status = main(['http', *argv], env)
    if status:
        print(f'{call.name}: exit status {status}', file=sys.stderr)
        failed = 1
sys.exit(failed)
