"""Runs the Python programs that are given, with one start of Python and the real zato-client.

Beside `APIClient`, which the programs use, zato-client has clients for old servers. What only those
need can't be installed with a recent Python, and is replaced if it is not there.
"""

import importlib
import runpy
import sys
from unittest.mock import MagicMock

for name in (
    'bunch', 'lxml', 'six', 'zato.common.api', 'zato.common.exception', 'zato.common.xml_',
    'zato.common.log_message', 'zato.common.odb.model',
):
    try:
        importlib.import_module(name)
    except ImportError:
        sys.modules[name] = MagicMock()

for program in sys.argv[1:]:
    try:
        runpy.run_path(program, run_name='__main__')
    except BaseException as error:
        raise SystemExit(f'{program}: {error!r}')
