"""Outputs are readable where there is no page around: contrast by the editors' own colours."""

import re
import sys
from pathlib import Path

import pytest

from src.reporting.page.inks import ink
from src.reporting.page.results import Absent, Answer

THEMES = Path(sys.prefix) / "share/jupyter/lab/themes/@jupyterlab"
PAGE = Path(__file__).parents[3] / "src/reporting/page/templates/page.css"
# As VS Code's default themes set them.
VSCODE = {
    "dark": {
        "vscode-editor-foreground": "#d4d4d4",
        "vscode-descriptionForeground": "rgba(204,204,204,.7)",
        "vscode-panel-border": "rgba(128,128,128,.35)",
        "vscode-editor-background": "#1e1e1e",
    },
    "light": {
        "vscode-editor-foreground": "#000000",
        "vscode-descriptionForeground": "#717171",
        "vscode-panel-border": "rgba(128,128,128,.35)",
        "vscode-editor-background": "#ffffff",
    },
}


def variables(css: str) -> dict[str, str]:
    """Each variable as it is set first, such as `jp-layout-color0` to `#111`."""
    found: dict[str, str] = {}
    for name, value in re.findall(r"--([\w-]+)\s*:\s*([^;}]+)", css):
        found.setdefault(name, value.strip())
    return found


def resolved(value: str, known: dict[str, str]) -> str:
    """The colour that a browser makes of `var(--a, var(--b, red))`."""
    if found := re.fullmatch(r"var\(--([\w-]+)(?:,\s*(.*))?\)", value, re.DOTALL):
        return resolved(known.get(found[1], found[2]), known)
    return value


def light_of(colour: str, ground: tuple[float, ...] = (1, 1, 1)) -> tuple[float, ...]:
    """Red, green, blue as 0 to 1, laid on `ground` where the colour is seen through."""
    colour = {"white": "#fff", "black": "#000"}.get(colour, colour)
    if colour.startswith("#"):
        digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
        return tuple(int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))
    *parts, alpha = map(float, re.fullmatch(r"rgba\((.*)\)", colour)[1].split(","))
    return tuple(
        alpha * part / 255 + (1 - alpha) * under for part, under in zip(parts, ground, strict=True)
    )


def contrast(name: str, ground: str, known: dict[str, str]) -> float:
    """The ratio of WCAG 2.2 between two colours of the page, 1 to 21."""
    under = light_of(resolved(ink(ground), known))
    over = light_of(resolved(ink(name), known), under)
    linear = [
        sum(
            weight * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
            for weight, part in zip((0.2126, 0.7152, 0.0722), colour, strict=True)
        )
        for colour in (over, under)
    ]
    return (max(linear) + 0.05) / (min(linear) + 0.05)


PLACES = {
    "nothing set": {},
    "page": variables(PAGE.read_text()),
    **{
        f"JupyterLab {path.parent.name}": {"md-grey-300": "#e0e0e0"} | variables(path.read_text())
        for path in THEMES.glob("*/index.css")
    },
    **{f"VS Code {theme}": known for theme, known in VSCODE.items()},
}


@pytest.mark.parametrize("place", PLACES)
def test_words_can_be_read(place):
    known = PLACES[place]
    assert contrast("ink", "surface", known) >= 7
    assert contrast("muted", "surface", known) >= 4.5
    assert contrast("grid", "surface", known) > 1.2  # lines that are there and stay behind


def test_the_page_goes_before_the_editors():
    known = {**VSCODE["dark"], **PLACES["page"], "jp-content-font-color1": "#ffffff"}
    assert resolved(ink("ink"), known) == "#1c2333"


def test_dark_themes_of_the_lab_are_among_the_places():
    dark = PLACES["JupyterLab theme-dark-extension"]
    assert resolved(ink("surface"), dark) == "#111"
    assert resolved(ink("ink"), dark) == "#fff"


def test_answers_and_gaps_take_their_looks_along():
    answer = Answer("h", "d", "l")._repr_mimebundle_()["text/html"]
    assert "background: var(--accent-soft, rgba(128,128,128,.12))" in answer  # of any theme
    assert f"color: {ink('muted')}" in answer
    absent = Absent("costs", "margins")._repr_mimebundle_()["text/html"]
    assert f"border-left: 3px solid {ink('grid')}" in absent
