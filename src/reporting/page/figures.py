"""A figure as a report shows it: its finding above, SVG inside, the same in words beside it."""

from __future__ import annotations

import hashlib
import html
import io
import re
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure as Drawing

from src.reporting.page.inks import ink
from src.reporting.page.results import CAPTION, FIGURE, FIGURE_TYPE, plain, rich
from src.reporting.page.style import GRID, INK, MUTED, SURFACE

_PAGE_COLOURS = {INK: "ink", MUTED: "muted", GRID: "grid", SURFACE: "surface"}
# Names of a figure's own for these colours, said once: what they are depends on where it is shown.
_OWN = "".join(f"--f-{name}: {ink(name)}; " for name in _PAGE_COLOURS.values()).strip()
# What the colours of the page are where there is no page: those of templates/page.css.
LIGHT = {"ink": "#1c2333", "muted": "#5b6579", "grid": "#dde2ea", "surface": "#ffffff"}
DARK = {"ink": "#e7ebf2", "muted": "#a0abbe", "grid": "#333c4c", "surface": "#12161e"}
_PLACES = re.compile(
    r' (?:(?:d|x|y|width|height)="[^"]*"|transform="(?:rotate|translate)\([^)]*\)")'
)
_LONG = re.compile(r"-?\d+\.\d{3,}")
_USED = re.compile(r'(url\(#|xlink:href="#)([^")]+)')


class Figure:
    """Display a matplotlib drawing in a notebook and its report.

    `finding` is the sentence above it, what the reader should see; `alt` says in words what is
    drawn, for readers who cannot see it. The drawing is closed, so that it is shown once.

    `digest` marks the one figure of a notebook that stands in the digest of all reports. Raises
    `ValueError` when that one holds rasterised parts: the digest is for small drawings.
    """

    def __init__(self, drawing: Drawing, finding: str, alt: str, digest: bool = False) -> None:
        self.finding, self.alt, self.digest = finding, plain(alt), digest
        self.svg = _svg(drawing, self.alt)
        plt.close(drawing)
        if digest and "<image" in self.svg:
            raise ValueError("a figure for the digest must not hold rasterised parts")

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        page = (
            f'<figure class="chart" style="{FIGURE}">'
            f'<figcaption style="{CAPTION}">{rich(self.finding)}</figcaption>'
            f'<div class="scroll">{self.svg}</div></figure>'
        )
        shown = {"text/html": page, "text/plain": f"{plain(self.finding)}\n{self.alt}"}
        if not self.digest:
            return shown
        alone = {"svg": standalone(self.svg), "finding": self.finding, "alt": self.alt}
        return {**shown, FIGURE_TYPE: alone}


def standalone(svg: str) -> str:
    """The SVG element of a page as a file of its own, readable on light and on dark pages.

    It brings its background and both sets of colours. Whichever the browser picks, they fit each
    other, also where the page around it is of the other kind. Places are rounded to 1/100 point and
    ids are numbers: the file is smaller, and noise in the last digits does not change its bytes.

    >>> standalone('<svg width="9.2pt"><g id="f0-line"><path d="M 1.23456 2"/></g></svg>')[-34:]
    '<g><path d="M 1.23 2"/></g></svg>\\n'
    """
    svg = svg.replace(f' style="{_OWN}"', "")
    for colour, name in _PAGE_COLOURS.items():
        svg = svg.replace(f"var(--f-{name})", f"var(--{name}, {colour})")
    svg = _PLACES.sub(lambda found: _LONG.sub(_rounded, found[0]), svg)
    numbers: dict[str, int] = {}
    svg = _USED.sub(
        lambda found: f"{found[1]}i{numbers.setdefault(found[2], len(numbers) + 1)}", svg
    )
    svg = re.sub(
        r' id="([^"]+)"',
        lambda found: f' id="i{numbers[found[1]]}"' if found[1] in numbers else "",
        svg,
    )
    light, dark = (
        ":root{" + "".join(f"--{name}:{colour};" for name, colour in colours.items()) + "}"
        for colours in (LIGHT, DARK)
    )
    own = (
        f"<style>{light}@media (prefers-color-scheme:dark){{{dark}}}</style>"
        '<rect width="100%" height="100%" style="fill: var(--surface)"/>'
    )
    return re.sub(r"(<svg [^>]*>)", lambda found: found[0] + own, svg, count=1) + "\n"


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _svg(drawing: Drawing, alt: str) -> str:
    """The drawing as an SVG element that stands inside a page beside others.

    Colours of the page become variables, those of editors where there is no page; ids
    get a prefix of their own, and the type is the page's.
    """
    buffer = io.StringIO()
    drawing.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, dpi=160)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font: ([\d.]+px|[\d.]+) ['\"]DejaVu Sans['\"][^;\"]*", r"font-size: \1", svg)
    svg = re.sub(r"font-family: 'DejaVu Sans'", "font-family: inherit", svg)
    for colour, name in _PAGE_COLOURS.items():
        svg = re.sub(colour, f"var(--f-{name})", svg, flags=re.IGNORECASE)
    prefix = "f" + hashlib.sha256(svg.encode()).hexdigest()[:8]
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r"url\(#", f"url(#{prefix}-", svg)
    svg = re.sub(r'xlink:href="#', f'xlink:href="#{prefix}-', svg)
    label = html.escape(alt, quote=True)
    named = f'role="img" aria-label="{label}" font-family="system-ui, sans-serif" style="{_OWN}"'
    svg = svg.replace("<svg ", f"<svg {named} ", 1)
    return re.sub(r"\s*\n\s*", " ", svg)
