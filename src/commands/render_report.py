"""Render an executed notebook: `python -m src.commands.render_report NB__VARIANT`."""

from __future__ import annotations

import nbformat

from src.commands.exits import run_command
from src.commands.notebooks import REPORTS
from src.commands.writing import replace_file
from src.data.problems import InputError
from src.reporting.page.render import render_report


def main(arguments: list[str]) -> int:
    """Write reports/NB__VARIANT.html from reports/runs/NB__VARIANT.ipynb."""
    if len(arguments) != 1:
        raise InputError("name one report, such as: 01_exploration__ibm_telco")
    run = REPORTS / "runs" / f"{arguments[0]}.ipynb"
    if not run.is_file():
        raise InputError(f"there is no run {arguments[0]!r}; run `make report`")
    page = render_report(nbformat.read(run, as_version=4))
    replace_file(REPORTS / f"{arguments[0]}.html", page)
    return 0


if __name__ == "__main__":
    run_command(main)
