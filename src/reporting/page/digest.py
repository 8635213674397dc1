"""The digest: what all reports found, as one Markdown page that is kept with the code.

It holds nothing that changes while results stay the same: no date, no duration, no folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from src.reporting.page.prose import listed, percent
from src.reporting.page.results import plain

Record = Mapping[str, Any]  # what reports/metrics/*.json holds: a flat object of one run

ORIGINS = {"real": "real", "sample": "published sample", "simulated": "simulated"}
_INTRODUCTION = """# What the reports found

Written by `make report` from the last run of every report; it changes when a result does, and is
not edited by hand. Numbers have three significant digits, and their intervals in brackets. The
reports themselves are pages to be built: [two commands](../README.md#two-commands).
"""
_MARKS = re.compile(r"[\\`\[\]<>|$~&]|(?<!\*)\*(?!\*)|(?<!\w)_|_(?!\w)")


@dataclass(frozen=True)
class Question:
    """What one notebook asks, and the `records` of its runs in the order to show them.

    `numbers` are pairs of a metric and its label. Several metrics may share a label, where a name
    depends on the base: each run shows the first that it has. `figure` is the record of the run
    whose figure is shown.
    """

    title: str
    records: Sequence[Record]
    numbers: Sequence[tuple[str, str]] = field(default=())
    figure: Record | None = None


def render_digest(questions: Sequence[Question]) -> str:
    """The page: per question its answers base by base, a table of numbers, and a figure."""
    return "\n".join([_INTRODUCTION, *(_section(question) for question in questions)])


def has_interval(record: Record, metric: str) -> bool:
    """Whether a run has the metric with `.low` and `.high` beside it."""
    return all(record.get(f"{metric}{end}") is not None for end in ("", ".low", ".high"))


def report_name(record: Record) -> str:
    """The name of the report that a record belongs to, such as `01_exploration__ibm_telco`."""
    return f"{record['notebook']}__{record['variant']}"


def significant(value: float) -> str:
    """A number with three significant digits.

    >>> [significant(value) for value in (0.26537, 0.85, 204663.13, -5722.5, 0.018887, 999.7, 0)]
    ['0.265', '0.850', '205,000', '-5,720', '0.0189', '1,000', '0']
    """
    if value == 0:
        return "0"
    rounded = f"{value:.2e}"
    decimals = max(2 - int(rounded.partition("e")[2]), 0)
    return f"{float(rounded):,.{decimals}f}"


def marked(text: str) -> str:
    """Text as Markdown on one line: what could be markup is shown as it is, `**words**` are bold.

    >>> print(marked("**1** of <b> in lines_3m | R&D"))
    **1** of \\<b\\> in lines_3m \\| R\\&D
    """
    return _MARKS.sub(r"\\\g<0>", " ".join(text.split()))


def _section(question: Question) -> str:
    parts = [f"## {marked(question.title)}", *(_paragraph(record) for record in question.records)]
    if table := _table(question):
        parts.append(table)
    if question.figure is not None:
        parts.append(_figure(question.figure))
    return "\n\n".join(parts) + "\n"


def _paragraph(record: Record) -> str:
    origin = ORIGINS[record["origin"]]
    return (
        f"**{marked(record['base_title'])}** ({origin}, `{report_name(record)}`): "
        f"{marked(record['answer'])} *Limit:* {marked(record['limit'])}"
    )


def _table(question: Question) -> str:
    """The numbers, a row per run that has any; empty where none has."""
    with_any = [
        record
        for record in question.records
        if any(has_interval(record, metric) for metric, _ in question.numbers)
    ]
    if not with_any:
        return ""
    labels = list(dict.fromkeys(label for _, label in question.numbers))
    levels = sorted({record["parameters.CONFIDENCE"] for record in with_any})
    corner = f"{listed([percent(level, 0) for level in levels])} intervals"
    rows = [[corner, *(marked(label) for label in labels)], ["---"] * (len(labels) + 1)]
    for record in with_any:
        cells = [_number(record, label, question.numbers) for label in labels]
        rows.append([f"`{record['variant']}`", *cells])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _number(record: Record, label: str, numbers: Sequence[tuple[str, str]]) -> str:
    for metric, its_label in numbers:
        if its_label == label and has_interval(record, metric):
            value, low, high = (
                significant(record[f"{metric}{end}"]) for end in ("", ".low", ".high")
            )
            return f"{value} ({low} to {high})"
    return "-"


def _figure(record: Record) -> str:
    alt, finding = marked(plain(record["figure.alt"])), marked(record["figure.finding"])
    title = marked(record["base_title"])
    return f"![{alt}](figures/{report_name(record)}.svg)\n\nFigure, {title}: {finding}"
