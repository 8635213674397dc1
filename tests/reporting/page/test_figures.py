import re
from pathlib import Path
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import pytest

import src.reporting
from src.reporting.page import figures
from src.reporting.page.figures import Figure, standalone
from src.reporting.page.inks import ink
from src.reporting.page.results import FIGURE_TYPE
from src.reporting.page.style import GRID, INK, MUTED, SURFACE, use_style


@pytest.fixture(autouse=True)
def style():
    with plt.rc_context():
        use_style()
        yield
    plt.close("all")


def drawn(value: float = 1.0, title: str = "", digest: bool = False) -> Figure:
    figure, ax = plt.subplots()
    ax.plot([0, value], [0, 1], label="line")
    ax.fill_between([0, value], [0, 1], alpha=0.2)
    ax.set_title(title)
    return Figure(figure, "**Half** of <all>", 'a line from "0" to **1**', digest)


def test_a_figure_has_its_finding_and_its_alternative_text():
    page = drawn()._repr_mimebundle_()["text/html"]
    assert re.search(r"<figcaption [^>]*><strong>Half</strong> of &lt;all&gt;</figcaption>", page)
    assert '<svg role="img" aria-label="a line from &quot;0&quot; to 1" ' in page


def test_a_figure_follows_the_colours_of_the_page():
    svg = drawn(title="a title").svg
    root = svg[: svg.index(">")]
    for name in ("ink", "muted", "grid"):
        # The page's colour where there is a page, else that of JupyterLab or VS Code.
        assert f"--f-{name}: {ink(name)};" in root
        assert f"var(--f-{name})" in svg
    # No colour of the page is left outside its variable.
    drawing = svg.removeprefix(root)
    assert not any(colour in drawing for colour in (INK, MUTED, GRID, SURFACE))


def test_a_file_of_its_own_knows_nothing_of_editors():
    svg = standalone(drawn(title="a title").svg)
    assert not re.search(r"--(f|jp|vscode)-", svg)
    for colour, name in ((INK, "ink"), (MUTED, "muted"), (GRID, "grid")):
        assert f"var(--{name}, {colour})" in svg
    assert " style=" not in svg[: svg.index(">")]


def test_a_figure_is_written_in_the_type_of_the_page():
    svg = drawn(title="a title").svg
    assert "DejaVu" not in svg
    assert "font-family: inherit" in svg


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


def test_only_a_marked_figure_goes_into_the_digest():
    assert FIGURE_TYPE not in drawn()._repr_mimebundle_()
    handed_on = drawn(digest=True)._repr_mimebundle_()[FIGURE_TYPE]
    assert handed_on["finding"] == "**Half** of <all>"
    assert handed_on["alt"] == 'a line from "0" to 1'
    assert handed_on["svg"] == standalone(drawn().svg)


def test_a_figure_for_the_digest_holds_no_rasterised_part():
    figure, ax = plt.subplots()
    ax.plot([0, 1], [0, 1], rasterized=True)
    with pytest.raises(ValueError, match="must not hold rasterised parts"):
        Figure(figure, "f", "a", digest=True)
    assert plt.get_fignums() == []


def test_a_file_of_its_own_is_whole_and_lies_on_its_own_background():
    svg = standalone(drawn(title="<all>").svg)
    root = ElementTree.fromstring(svg)
    assert root.attrib["aria-label"] == 'a line from "0" to 1'
    style, background = root[0], root[1]
    assert "(prefers-color-scheme:dark)" in style.text
    assert background.attrib["style"] == "fill: var(--surface)"
    defined = set(re.findall(r"--(\w+):", style.text))
    assert set(re.findall(r"var\(--(\w+)", svg)) <= defined
    ids = re.findall(r' id="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:url\(#|xlink:href="#)([^")]+)', svg)) == set(ids)


def test_noise_in_the_last_digits_does_not_change_the_file():
    assert drawn(1).svg != drawn(1 + 1e-4).svg
    assert standalone(drawn(1).svg) == standalone(drawn(1 + 1e-6).svg)


def test_texts_and_sizes_of_a_file_are_not_rounded():
    svg = standalone(drawn(title="0.123456").svg)
    assert ">0.123456<" in svg
    assert re.search(r'<svg [^>]*width="547.2pt"', svg)


def test_the_colours_of_a_file_are_those_of_the_pages():
    css = (Path(src.reporting.__file__).parent / "page/templates/page.css").read_text()
    schemes = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    for colours, scheme in zip((figures.LIGHT, figures.DARK), schemes, strict=True):
        declared = dict(re.findall(r"--(\w+): (#\w+);", scheme))
        assert colours == {name: declared[name] for name in colours}
