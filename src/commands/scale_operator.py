"""A simulated operator of another size: `python -m src.commands.scale_operator CUSTOMERS MONTHS`.

Makes data/scaled/operator_CUSTOMERSxMONTHS/ with a base.yml of its own and builds it. Prints the
time and the memory it took.
"""

from __future__ import annotations

import os
import resource
import time

from src.commands.exits import run_command
from src.data.bases import DATA
from src.data.building import build_base
from src.data.operator.generate import settings_of
from src.data.problems import InputError

_BASE_YML = """title: Simulated operator, {customers:,} customers
kind: panel
currency: EUR
origin: simulated
simulator: operator
customers: {customers}
months: {months}
"""


def main(arguments: list[str]) -> int:
    """Build the operator with so many customers and months; empty words take the defaults."""
    customers, months = (
        _number(name, text, default)
        for name, text, default in zip(
            ("CUSTOMERS", "MONTHS"), arguments, (20_000, 36), strict=True
        )
    )
    settings_of("operator", customers, months)  # refuses what cannot be before anything is written
    folder = DATA / "scaled" / f"operator_{customers}x{months}"
    text = _BASE_YML.format(customers=customers, months=months)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "base.yml").write_text(text)
    started = time.monotonic()
    base = build_base(str(folder))
    seconds = time.monotonic() - started
    # Each worker process at its largest, all at once: an upper bound.
    own, workers = (
        resource.getrusage(who).ru_maxrss / 1e6
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    memory = own + workers * (os.cpu_count() or 1)
    print(
        f"{folder.relative_to(DATA.parent)}: {base.rows['billing']:,} bills, "
        f"{base.rows['usage']:,} rows of usage in {seconds:.0f} s and at most {memory:.1f} GB"
    )
    return 0


def _number(name: str, text: str, default: int) -> int:
    if not text:
        return default
    if not text.isdigit() or int(text) < 1:
        raise InputError(f"{name} must be a whole number above 0, not {text!r}")
    return int(text)


if __name__ == "__main__":
    run_command(main)
