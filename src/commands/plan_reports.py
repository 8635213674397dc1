"""Which reports a base can carry: `python -m src.commands.plan_reports BASE`.

Prints the names of the reports on stdout, for Make, and on stderr what each notebook makes of the
base.
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from src.commands.exits import run_command
from src.commands.notebooks import (
    NOTEBOOKS,
    PARAMETERS,
    Variant,
    one_segment,
    read_notebook,
    why_not,
)
from src.data.bases import base_folder
from src.data.manifest import read_manifest
from src.data.problems import InputError


def reports_of(base: str) -> tuple[list[Variant], dict[str, str]]:
    """The reports to build for a base, and for each other notebook the reason why not.

    A notebook with parameter files for the base gives one report each; without, one report with
    the notebook's own parameters, named after the base.
    """
    manifest = read_manifest(base_folder(base))
    reports, reasons = [], {}
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = read_notebook(path)
        files = sorted((PARAMETERS / path.stem).glob("*.yml"))
        named = [file.stem for file in files if _base_of(file) == base]
        reason = why_not(notebook, manifest) or ("" if named else one_segment(notebook, manifest))
        if reason:
            reasons[path.stem] = reason
            continue
        reports += [Variant(path.stem, variant) for variant in named or [base]]
    return reports, reasons


def _base_of(parameter_file: Path) -> str | None:
    given = yaml.safe_load(parameter_file.read_text(encoding="utf-8"))
    return given.get("BASE") if isinstance(given, dict) else None


def main(arguments: list[str]) -> int:
    """Plan the reports of the one base named."""
    if len(arguments) != 1:
        raise InputError("name one base, such as: make report BASE=ibm_telco")
    reports, reasons = reports_of(arguments[0])
    for notebook, reason in reasons.items():
        print(f"{notebook}: not for {arguments[0]}: {reason}", file=sys.stderr)
    print(" ".join(report.name for report in reports))
    return 0


if __name__ == "__main__":
    run_command(main)
