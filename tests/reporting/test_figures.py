import re

import matplotlib.pyplot as plt
import pytest

from src.reporting.figures import Figure
from src.reporting.style import GRID, INK, MUTED, use_style


@pytest.fixture(autouse=True)
def style():
    with plt.rc_context():
        use_style()
        yield
    plt.close("all")


def drawn(value: float = 1.0, title: str = "") -> Figure:
    figure, ax = plt.subplots()
    ax.plot([0, value], [0, 1], label="line")
    ax.fill_between([0, value], [0, 1], alpha=0.2)
    ax.set_title(title)
    return Figure(figure, "**Half** of <all>", 'a line from "0" to **1**')


def test_a_figure_has_its_finding_and_its_alternative_text():
    page = drawn()._repr_mimebundle_()["text/html"]
    assert "<figcaption><strong>Half</strong> of &lt;all&gt;</figcaption>" in page
    assert '<svg role="img" aria-label="a line from &quot;0&quot; to 1" ' in page


def test_a_figure_follows_the_colours_of_the_page():
    svg = drawn().svg
    for colour, name in ((MUTED, "muted"), (GRID, "grid")):
        assert f"var(--{name}, {colour})" in svg
    # No colour of the page is left outside its variable.
    bare = re.sub(r"var\([^)]*\)", "", svg)
    assert not any(colour in bare for colour in (INK, MUTED, GRID))


def test_a_figure_asks_nothing_of_the_network():
    addresses = set(re.findall(r"https?://[^\"' ]+", drawn().svg))
    # Names of XML vocabularies, which no browser opens.
    assert addresses <= {"http://www.w3.org/1999/xlink", "http://www.w3.org/2000/svg"}


def test_the_same_drawing_gives_the_same_bytes_and_another_one_other_ids():
    assert drawn().svg == drawn().svg
    ids = [set(re.findall(r' id="([^"]+)"', figure.svg)) for figure in (drawn(1), drawn(2))]
    assert ids[0]
    assert ids[0].isdisjoint(ids[1])


def test_references_inside_a_figure_point_into_it():
    svg = drawn().svg
    ids = set(re.findall(r' id="([^"]+)"', svg))
    used = re.findall(r'(?:url\(#|xlink:href="#)([^")]+)', svg)
    assert used
    assert set(used) <= ids


def test_a_dollar_sign_in_a_name_is_a_dollar_sign():
    assert "$x^2$" in drawn(title="$x^2$").svg


def test_a_name_with_markup_is_escaped():
    assert "<script" not in drawn(title="<script>alert(1)</script>").svg


def test_a_figure_is_closed_once_it_is_shown():
    drawn()
    assert plt.get_fignums() == []
