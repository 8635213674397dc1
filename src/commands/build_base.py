"""Build a base: `python -m src.commands.build_base NAME`."""

from __future__ import annotations

import sys

from src.commands.exits import run_command
from src.commands.heartbeat import AT_WORK, heartbeat
from src.data.building import build_base
from src.data.problems import InputError


def main(arguments: list[str]) -> int:
    """Build the one base named; say what was read and what was left out."""
    if len(arguments) != 1:
        raise InputError("name one base, such as: make data BASE=ibm_telco")
    steps = [AT_WORK]  # in memory: while tables are written a file may have to wait for the disk
    with heartbeat(arguments[0], lambda: steps[-1]):
        base = build_base(arguments[0], tell=steps.append)
    rows = ", ".join(f"{table} {number:,}" for table, number in base.rows.items())
    print(f"{base.name}: {rows} rows, fingerprint {base.fingerprint}")
    for note in base.notes:
        print(f"warning: {note}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    run_command(main)
