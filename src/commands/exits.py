"""How a command ends."""

from __future__ import annotations

import sys
from collections.abc import Callable

from src.data.problems import InputError

BAD_INPUT = 2


def run_command(main: Callable[[list[str]], int]) -> None:
    """Run a command and exit with its code; bad input is one message on stderr and code 2."""
    try:
        code = main(sys.argv[1:])
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        code = BAD_INPUT
    sys.exit(code)
