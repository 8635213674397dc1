"""How a command ends."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable

from src.data.problems import InputError

BAD_INPUT = 2
# What a machine refuses whatever the program: no room, no right to write.
_OF_THE_MACHINE = {
    errno.ENOSPC: "there is no room left on the disk",
    errno.EDQUOT: "there is no room left in the quota of this user",
    errno.EFBIG: "the file is larger than this system lets it be",
    errno.EROFS: "the place can only be read",
    errno.EACCES: "this user may not read or write there",
    errno.EPERM: "this user may not read or write there",
}


def run_command(main: Callable[[list[str]], int]) -> None:
    """Run a command and exit with its code; bad input is one message on stderr and code 2.

    So is a full disk, and a folder where nothing can be written.
    """
    try:
        code = main(sys.argv[1:])
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        code = BAD_INPUT
    except OSError as error:
        if error.errno not in _OF_THE_MACHINE:
            raise
        place = f"{error.filename}: " if error.filename else ""
        print(f"error: {place}{_OF_THE_MACHINE[error.errno]}", file=sys.stderr)
        code = BAD_INPUT
    sys.exit(code)
