"""A figure as a report shows it: its finding above, SVG inside, the same in words beside it."""

from __future__ import annotations

import hashlib
import html
import io
import re

import matplotlib.pyplot as plt
from matplotlib.figure import Figure as Drawing

from src.reporting.results import plain, rich
from src.reporting.style import GRID, INK, MUTED, SURFACE

_PAGE_COLOURS = {INK: "ink", MUTED: "muted", GRID: "grid", SURFACE: "surface"}


class Figure:
    """Display a matplotlib drawing in a notebook and its report.

    `finding` is the sentence above it, what the reader should see; `alt` says in words what is
    drawn, for readers who cannot see it. The drawing is closed, so that it is shown once.
    """

    def __init__(self, drawing: Drawing, finding: str, alt: str) -> None:
        self.finding, self.alt = finding, plain(alt)
        self.svg = _svg(drawing, self.alt)
        plt.close(drawing)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        page = (
            f'<figure class="chart"><figcaption>{rich(self.finding)}</figcaption>'
            f'<div class="scroll">{self.svg}</div></figure>'
        )
        return {"text/html": page, "text/plain": f"{plain(self.finding)}\n{self.alt}"}


def _svg(drawing: Drawing, alt: str) -> str:
    """The drawing as an SVG element that stands inside a page beside others.

    Colours of the page become variables, ids get a prefix of their own, and the type is the page's.
    """
    buffer = io.StringIO()
    drawing.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, dpi=160)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font: ([\d.]+px|[\d.]+) ['\"]DejaVu Sans['\"][^;\"]*", r"font-size: \1", svg)
    for colour, name in _PAGE_COLOURS.items():
        svg = re.sub(colour, f"var(--{name}, {colour})", svg, flags=re.IGNORECASE)
    prefix = "f" + hashlib.sha256(svg.encode()).hexdigest()[:8]
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r"url\(#", f"url(#{prefix}-", svg)
    svg = re.sub(r'xlink:href="#', f'xlink:href="#{prefix}-', svg)
    label = html.escape(alt, quote=True)
    svg = svg.replace(
        "<svg ", f'<svg role="img" aria-label="{label}" font-family="system-ui, sans-serif" ', 1
    )
    return re.sub(r"\s*\n\s*", " ", svg)
