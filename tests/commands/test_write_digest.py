import json

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from src.commands import notebooks, write_digest
from src.data.problems import InputError

DIGEST = {"figure": "x", "numbers": [["m", "Share"]]}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Two notebooks of two variants and one, all of which have run; returns the report folder."""
    reports = tmp_path / "reports"
    monkeypatch.setattr(notebooks, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(notebooks, "PARAMETERS", tmp_path / "params")
    monkeypatch.setattr(write_digest, "REPORTS", reports)
    for folder in ("metrics", "runs"):
        (reports / folder).mkdir(parents=True)
    ask(tmp_path, "01_one", DIGEST)
    ask(tmp_path, "02_two", {})
    for notebook, variant in (("02_two", "z"), ("01_one", "y"), ("01_one", "x")):
        (tmp_path / "params" / notebook).mkdir(parents=True, exist_ok=True)
        (tmp_path / f"params/{notebook}/{variant}.yml").write_text("BASE: b\n")
        ran(reports, notebook, variant)
    ran(reports, "01_one", "x", **{"figure.finding": "It falls.", "figure.alt": "A line."})
    (reports / "metrics/01_one__x.svg").write_text("<svg/>\n")
    return reports


def ask(folder, notebook, digest):
    cells = [new_markdown_cell(f"# {notebook}?")]
    metadata = {"cvm": {"digest": digest} if digest else {}}
    nbformat.write(new_notebook(cells=cells, metadata=metadata), folder / f"{notebook}.ipynb")


def ran(reports, notebook, variant, **more):
    named = {"notebook": notebook, "variant": variant, "base_title": "B", "origin": "real"}
    said = {
        "answer": "Half.",
        "limit": "none.",
        "parameters.CONFIDENCE": 0.95,
        "date": "2024-01-05",
    }
    record = {"m": 0.5, "m.low": 0.4, "m.high": 0.6, **named, **said, "seconds": 1.5, **more}
    (reports / f"metrics/{notebook}__{variant}.json").write_text(json.dumps(record))


def kept(reports):
    files = [reports / "README.md", *(reports / "figures").glob("*")]
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_the_digest_has_every_report_in_order_and_its_figures(place):
    assert write_digest.main([]) == 0
    page = (place / "README.md").read_text()
    names = ("## 01_one?", "`01_one__x`", "`01_one__y`", "| `y` | 0.500 (0.400 to 0.600) |")
    names += ("![A line.](figures/01_one__x.svg)", "## 02_two?", "`02_two__z`")
    places = [page.find(name) for name in names]
    assert -1 not in places
    assert places == sorted(places)
    assert "2024-01-05" not in page
    assert (place / "figures/01_one__x.svg").read_text() == "<svg/>\n"


def test_the_same_results_leave_the_files_alone(place):
    write_digest.main([])
    before = kept(place)
    ran(place, "02_two", "z", date="2024-02-06", seconds=9.9)
    write_digest.main([])
    assert kept(place) == before
    ran(place, "02_two", "z", answer="More than half.")
    write_digest.main([])
    after = kept(place)
    assert after.pop("README.md") != before.pop("README.md")
    assert after == before
    assert not list(place.rglob(".*"))


def test_a_figure_that_is_no_longer_shown_goes(place, tmp_path):
    write_digest.main([])
    ask(tmp_path, "01_one", {"numbers": DIGEST["numbers"]})
    write_digest.main([])
    assert list(kept(place)) == ["README.md"]


def test_a_failed_or_missing_report_keeps_the_last_digest(place):
    write_digest.main([])
    before = kept(place)
    ran(place, "01_one", "x", answer="All.")
    (place / "runs/01_one__y.failed.ipynb").write_text("{}")
    (place / "metrics/02_two__z.json").unlink()
    message = (
        "^reports/README.md stays as it was: 01_one__y failed in the last run; "
        "02_two__z never ran to the end$"
    )
    with pytest.raises(InputError, match=message):
        write_digest.main([])
    assert kept(place) == before


@pytest.mark.parametrize(
    ("digest", "message"),
    [
        (
            {"numbers": [["missing", "Share"]]},
            "01_one lists 'missing' for the digest, but none of its runs has it with missing.low "
            "and missing.high",
        ),
        (
            {"figure": "y"},
            "01_one takes the figure of the digest from 'y', but no such run marked one",
        ),
    ],
)
def test_what_no_run_has_cannot_be_shown(place, tmp_path, digest, message):
    ask(tmp_path, "01_one", digest)
    with pytest.raises(InputError, match=message):
        write_digest.main([])
    assert not (place / "README.md").exists()


def test_a_digest_that_grows_too_large_is_refused(place):
    (place / "metrics/01_one__x.svg").write_text("x" * write_digest.LIMIT)
    message = (
        r"^the digest would take 1,00\d kB, more than 1,000 kB; "
        "the largest is 01_one__x.svg with 1,000 kB: mark a smaller figure$"
    )
    with pytest.raises(InputError, match=message):
        write_digest.main([])
    assert not (place / "README.md").exists()
