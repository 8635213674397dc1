"""The page that lists all reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup

from src.reporting.page.results import rich

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Entry:
    """One report on the index. `error` is empty when the last run succeeded.

    `why_not` says why the base cannot carry the report; empty when it can.
    """

    name: str
    title: str
    base: str
    origin: str
    answer: str
    date: str
    error: str
    has_report: bool
    why_not: str = ""


def render_index(entries: Sequence[Entry]) -> str:
    """The index page: reports grouped under their question, failures marked."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(default=True)
    )
    environment.filters["rich"] = lambda text: Markup(rich(text))  # noqa: S704  (rich escapes)
    questions: dict[str, list[Entry]] = {}
    for entry in entries:
        questions.setdefault(entry.title, []).append(entry)
    style = Markup((TEMPLATES / "page.css").read_text(encoding="utf-8"))  # noqa: S704  (our own)
    return environment.get_template("index.html.j2").render(questions=questions, style=style)
