"""What a notebook hands to its reader and to the machine: answer, facts, notes, metrics.

Each is a value that displays itself. The run reads answer and metrics from the notebook's outputs,
so an interactive run writes no file.
"""

from __future__ import annotations

import functools
import html
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable

from src.reporting.page.inks import ink

ANSWER_TYPE = "application/vnd.cvm.answer+json"
METRICS_TYPE = "application/vnd.cvm.metrics+json"
FIGURE_TYPE = "application/vnd.cvm.figure+json"
# Looks that an output keeps without the page's style sheet, in JupyterLab and VS Code.
CAPTION = "font-weight: 650; line-height: 1.4; margin-bottom: .5rem"
SUMMARY = "cursor: pointer"
TEXT = "text-align: left"
FIGURE = "margin: 1.6rem 0 .6rem"
_ANSWER = "background: var(--accent-soft, rgba(128,128,128,.12)); "
_ANSWER += "border-radius: 10px; padding: .9rem 1.2rem"
_HEADLINE = "font-size: 1.15em; line-height: 1.4"
_ASIDE = f"color: {ink('muted')}"
_ABSENT = f"border-left: 3px solid {ink('grid')}; padding: .1rem 0 .1rem .9rem; {_ASIDE}"
_NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")


def rich(text: str) -> str:
    """Text for a page: everything escaped, `**words**` in bold.

    >>> rich("**26%** of <b>")
    '<strong>26%</strong> of &lt;b&gt;'
    """
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html.escape(text, quote=False))


def plain(text: str) -> str:
    """Text without the marks of `rich`, for alternative texts.

    >>> plain("**26%** of all")
    '26% of all'
    """
    return text.replace("**", "")


class Answer:
    """The answer to the notebook's question, shown first.

    `headline` is one line that stands alone, as the index quotes it; `detail` goes on; `limit` says
    what the answer does not cover.
    """

    def __init__(self, headline: str, detail: str, limit: str) -> None:
        self.headline, self.detail, self.limit = headline, detail, limit

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        page = (
            f'<section class="answer" style="{_ANSWER}">'
            f'<p class="headline" style="{_HEADLINE}">{rich(self.headline)}</p>'
            f"<p>{rich(self.detail)}</p>"
            f'<p class="limit" style="{_ASIDE}"><strong>Limit:</strong> {rich(self.limit)}</p>'
            "</section>"
        )
        text = f"{self.headline}\n{self.detail}\nLimit: {self.limit}"
        data = {"headline": self.headline, "limit": self.limit}
        return {"text/html": page, "text/plain": text, ANSWER_TYPE: data}


class Facts:
    """A numbered list of sentences."""

    def __init__(self, facts: Sequence[str]) -> None:
        self.facts = list(facts)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        items = "".join(f"<li>{rich(fact)}</li>" for fact in self.facts)
        plain = "\n".join(f"{place}. {fact}" for place, fact in enumerate(self.facts, 1))
        return {"text/html": f'<ol class="facts">{items}</ol>', "text/plain": plain}


class Note:
    """A sentence computed from the data, between figures."""

    def __init__(self, text: str) -> None:
        self.text = text

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": f"<p>{rich(self.text)}</p>", "text/plain": self.text}


class Absent(Note):
    """Says what the base lacks for this part, and what it would add."""

    def __init__(self, lacks: str, adds: str) -> None:
        super().__init__(f"This base has no {lacks}. With it, this part would show {adds}.")

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        page = f'<p class="absent" style="{_ABSENT}">{rich(self.text)}</p>'
        return {"text/html": page, "text/plain": self.text}


@runtime_checkable
class Lacking(Protocol):
    """What a base cannot answer; `src.analyses.missing.Missing` has these."""

    @property
    def lacks(self) -> str: ...  # noqa: D102
    @property
    def adds(self) -> str: ...  # noqa: D102


def is_missing(found: object) -> bool:
    """Whether an analysis answered that the base cannot."""
    import pandas as pd  # here, as the index of all reports is written without it

    return not isinstance(found, pd.DataFrame | pd.Series) and isinstance(found, Lacking)


class Section:
    """Several things shown as one, in their order; `None` among them shows nothing.

    What a part hands to the machine is handed on: one answer, one set of metrics, one figure for
    the digest. Raises `ValueError` when it is displayed with two of a kind.
    """

    def __init__(self, *parts: Any) -> None:
        self.parts = [part for part in parts if part is not None]

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        bundles = [part._repr_mimebundle_() for part in self.parts]
        shown: dict[str, Any] = {
            kind: "\n".join(bundle[kind] for bundle in bundles)
            for kind in ("text/html", "text/plain")
        }
        for bundle in bundles:
            for kind in bundle.keys() - {"text/html", "text/plain"}:
                if kind in shown:
                    raise ValueError(f"a section hands on one {kind}, and this one has two")
                shown[kind] = bundle[kind]
        return shown


Shown = TypeVar("Shown")


def or_absent(section: Callable[..., Shown]) -> Callable[..., Shown | Absent]:
    """A section that shows one line, what the base lacks, where one of its inputs is missing."""

    @functools.wraps(section)
    def shown(*given: Any, **named: Any) -> Shown | Absent:
        for found in (*given, *named.values()):
            if is_missing(found):
                return Absent(found.lacks, found.adds)
        return section(*given, **named)

    return shown


class Metrics:
    """The figures of a run, for tests and for the digest: dotted names to numbers or words.

    Raises `ValueError` for a name that is not lower case with dots, or a value that is neither a
    finite number, nor text, nor None.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = {name: _plain(name, value) for name, value in values.items()}

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        rows = "".join(
            f'<tr><td style="{TEXT}">{html.escape(name)}</td>'
            f'<td style="{TEXT}">{html.escape(_shown(value))}</td></tr>'
            for name, value in self.values.items()
        )
        page = (
            f'<details class="metrics"><summary style="{SUMMARY}">'
            f"{len(self.values)} figures of this run</summary><table><thead><tr>"
            f'<th style="{TEXT}">name</th><th style="{TEXT}">value</th></tr></thead>'
            f"<tbody>{rows}</tbody></table></details>"
        )
        return {"text/html": page, "text/plain": repr(self.values), METRICS_TYPE: self.values}


def metric_name(words: str) -> str:
    """A label of the data as a part of a metric's name.

    >>> metric_name("Month-to-month"), metric_name("20 to 35 €")
    ('month_to_month', '20_to_35')
    """
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_") or "_"


def _plain(name: str, value: Any) -> float | int | str | None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"a metric's name is lower case with dots, not {name!r}")
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and math.isnan(value):
        return None
    if value is None or isinstance(value, int | str) or math.isfinite(value):
        return value
    raise ValueError(f"the metric {name!r} is {value!r}: neither a finite number nor text")


def _shown(value: float | int | str | None) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
