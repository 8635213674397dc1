"""Write reports/README.md and its figures: `python -m src.commands.write_digest`.

Both are kept with the code, so that a change in results shows as a difference. They are written
only from a complete set of runs: every notebook with every parameter file.
"""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path

from src.commands import notebooks
from src.commands.exits import run_command
from src.commands.notebooks import REPORTS, Variant
from src.commands.writing import replace_file
from src.data.problems import InputError
from src.reporting.page.digest import Question, Record, has_interval, render_digest, report_name
from src.reporting.page.prose import listed

LIMIT = 1_000_000  # bytes of the page and its figures


def main(_: list[str]) -> int:
    """Write what changed; a file whose content stays the same is left alone."""
    variants = notebooks.shipped()
    _refuse_incomplete(variants)
    questions = [
        _question(notebook, list(group))
        for notebook, group in groupby(variants, key=lambda variant: variant.notebook)
    ]
    files = {
        REPORTS / "figures" / f"{name}.svg": _drawing(name).read_text(encoding="utf-8")
        for name in (report_name(asked.figure) for asked in questions if asked.figure is not None)
    }
    files[REPORTS / "README.md"] = render_digest(questions)
    _refuse_large(files)
    (REPORTS / "figures").mkdir(exist_ok=True)
    for path, text in files.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            replace_file(path, text)
    for path in (REPORTS / "figures").glob("*.svg"):
        if path not in files:
            path.unlink()
    return 0


def _refuse_incomplete(variants: list[Variant]) -> None:
    """Raise `InputError` unless the last run of every variant succeeded."""
    absent = [each.name for each in variants if not _metrics(each).is_file()]
    marked = {path.name.removesuffix(".failed.ipynb") for path in notebooks.failed_runs(REPORTS)}
    failed = [each.name for each in variants if each.name in marked - set(absent)]
    reasons = [f"{listed(failed)} failed in the last run"] if failed else []
    reasons += [f"{listed(absent)} never ran to the end"] if absent else []
    if reasons:
        raise InputError(f"reports/README.md stays as it was: {'; '.join(reasons)}")


def _question(notebook: str, variants: list[Variant]) -> Question:
    """The question of a notebook; its metadata say which numbers and which figure to show.

    Raises `InputError` when they name what no run has.
    """
    source = notebooks.read_notebook(variants[0].source)
    asked = source.metadata.get("cvm", {}).get("digest", {})
    records = {each.variant: _read(each) for each in variants}
    for metric, _ in asked.get("numbers", []):
        if not any(has_interval(record, metric) for record in records.values()):
            raise InputError(
                f"{notebook} lists {metric!r} for the digest, but none of its runs has it with "
                f"{metric}.low and {metric}.high"
            )
    shown = asked.get("figure")
    if shown and "figure.alt" not in records.get(shown, {}):
        raise InputError(
            f"{notebook} takes the figure of the digest from {shown!r}, but no such run marked "
            "one: Figure(..., digest=True)"
        )
    return Question(
        title=notebooks.title(source),
        records=list(records.values()),
        numbers=[(metric, label) for metric, label in asked.get("numbers", [])],
        figure=records[shown] if shown else None,
    )


def _metrics(variant: Variant) -> Path:
    return REPORTS / "metrics" / f"{variant.name}.json"


def _drawing(name: str) -> Path:
    return REPORTS / "metrics" / f"{name}.svg"


def _read(variant: Variant) -> Record:
    return json.loads(_metrics(variant).read_text(encoding="utf-8"))


def _refuse_large(files: dict[Path, str]) -> None:
    """Raise `InputError` when the digest outgrows its limit."""
    sizes = {path.name: len(text.encode()) for path, text in files.items()}
    if sum(sizes.values()) > LIMIT:
        largest = max(sizes, key=lambda name: sizes[name])
        raise InputError(
            f"the digest would take {sum(sizes.values()) / 1000:,.0f} kB, more than "
            f"{LIMIT / 1000:,.0f} kB; the largest is {largest} with {sizes[largest] / 1000:,.0f} "
            "kB: mark a smaller figure"
        )


if __name__ == "__main__":
    run_command(main)
