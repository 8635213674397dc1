"""Which reports a base can carry: `python -m src.commands.plan_reports BASE`.

Prints the names of the reports on stdout, for Make, and on stderr why others are not for the base:
by what base.yml says, and by what the study of each notebook finds as it opens. The reasons go to
reports/plans/BASE.json as well, for the index.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from src.analyses import carrying
from src.commands.exits import run_command
from src.commands.notebooks import (
    NOTEBOOKS,
    PARAMETERS,
    REPORTS,
    Variant,
    one_segment,
    read_notebook,
    why_not,
)
from src.commands.writing import replace_file
from src.data.bases import base_folder, open_base
from src.data.manifest import read_manifest
from src.data.problems import InputError


def reports_of(name: str) -> tuple[list[Variant], dict[str, str]]:
    """The reports to build for a base, and for each other report, by its name, the reason why not.

    A notebook with parameter files for the base gives one report each; without, one report with
    the notebook's own parameters, named after the base.
    """
    manifest = read_manifest(base_folder(name))
    base = open_base(name)
    reports, reasons = [], {}
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = read_notebook(path)
        files = sorted((PARAMETERS / path.stem).glob("*.yml"))
        named = [file.stem for file in files if _base_of(file) == name]
        never = why_not(notebook, manifest) or ("" if named else one_segment(notebook, manifest))
        for variant in named or [name]:
            report = Variant(path.stem, variant)
            given = _given(report) or {"BASE": name}
            reason = never or carrying.why_not(path.stem, base, given, is_stored=bool(named))
            if reason:
                reasons[report.name] = reason
            else:
                reports.append(report)
    return reports, reasons


def _given(report: Variant) -> dict[str, Any]:
    """The parameters of a report; where they cannot be read, its run says why."""
    try:
        return report.parameters()
    except InputError:
        return {}


def _base_of(parameter_file: Path) -> str | None:
    given = yaml.safe_load(parameter_file.read_text(encoding="utf-8"))
    return given.get("BASE") if isinstance(given, dict) else None


def main(arguments: list[str]) -> int:
    """Plan the reports of the one base named; the index reads why others are not for it."""
    if len(arguments) != 1:
        raise InputError("name one base, such as: make report BASE=ibm_telco")
    [name] = arguments
    reports, reasons = reports_of(name)
    base = open_base(name)
    for report, reason in reasons.items():
        print(f"{report.partition('__')[0]}: not for {name}: {reason}", file=sys.stderr)
    for age in base.ages:
        again = f"`make data BASE={name}` reads it again"
        print(f"{name}: {age}; {again}", file=sys.stderr)
    plan = {"base": name, "base_title": base.title, "origin": base.origin, "reasons": reasons}
    text, path = json.dumps(plan, indent=1) + "\n", REPORTS / "plans" / f"{base.name}.json"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text)
    print(" ".join(report.name for report in reports))
    return 0


if __name__ == "__main__":
    run_command(main)
