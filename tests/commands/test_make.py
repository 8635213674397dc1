"""Make as an analyst uses it, on a copy of the project with one small notebook."""

import json
import shutil
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.xdist_group("make")

CELLS = (
    "from src.data.bases import open_base\nfrom src.reporting.page.results import Answer, Metrics",
    "base = open_base(BASE)\n1 / DIVISOR",
    "Answer(f'{base.rows}', 'd', 'l')",
    "Metrics({'rows': sum(base.rows.values()), 'share': SHARE})",
)


@pytest.fixture
def small(project):
    """The project with a notebook of four cells, two variants on one base that is built."""
    built = ROOT / "data/bases/mlc_churn"
    shutil.copytree(built, project / "data/bases/mlc_churn", dirs_exist_ok=True)
    for path in (project / "notebooks").rglob("*.*"):
        if path.is_file():
            path.unlink()
    parameters = new_code_cell("BASE = ''  # a base\nSHARE = 1  # a share\nDIVISOR = 1  # not 0")
    parameters.metadata["tags"] = ["parameters"]
    cells = [new_markdown_cell("# Small?"), parameters, *map(new_code_cell, CELLS)]
    needs = {"needs": {"snapshot": ["snapshot"]}}
    nbformat.write(
        new_notebook(cells=cells, metadata={"cvm": needs}), project / "notebooks/01_small.ipynb"
    )
    folder = project / "notebooks/params/01_small"
    folder.mkdir(parents=True)
    (folder / "one.yml").write_text("BASE: mlc_churn\n")
    (folder / "two.yml").write_text("BASE: mlc_churn\nSHARE: 2\n")
    return project


def stamps(project):
    return {
        path.name: path.stat().st_mtime_ns
        for pattern in ("*.html", "runs/*.ipynb", "metrics/*.json")
        for path in (project / "reports").glob(pattern)
    }


def changed(project, before):
    return {name for name, stamp in stamps(project).items() if before.get(name) != stamp}


def test_make_rebuilds_what_changed_and_only_that(small, make):
    first = make(small, "report")
    assert first.returncode == 0, first.stderr
    assert "01_small__one: done" in first.stdout
    assert "01_small__two: done" in first.stdout
    built = stamps(small)
    assert {"01_small__one.html", "01_small__two.html", "index.html"} <= set(built)
    digest = (small / "reports/README.md").read_bytes()
    assert b"`01_small__one`" in digest
    assert b"`01_small__two`" in digest

    started = time.monotonic()
    assert make(small, "report").returncode == 0
    assert time.monotonic() - started < 2
    assert changed(small, built) == set()

    (small / "notebooks/params/01_small/two.yml").write_text("BASE: mlc_churn\nSHARE: 3\n")
    assert make(small, "report").returncode == 0
    two = {"01_small__two.ipynb", "01_small__two.json", "01_small__two.html", "index.html"}
    assert changed(small, built) == two
    record = json.loads((small / "reports/metrics/01_small__two.json").read_text())
    assert record["share"] == 3
    assert (small / "reports/README.md").read_bytes() == digest

    built = stamps(small)
    css = small / "src/reporting/page/templates/page.css"
    css.write_text(css.read_text() + "\n/* seen */\n")
    assert make(small, "report").returncode == 0
    assert changed(small, built) == {"01_small__one.html", "01_small__two.html", "index.html"}
    assert "/* seen */" in (small / "reports/01_small__one.html").read_text()

    built = stamps(small)
    unrelated = small / "src/models/survival/kaplan_meier.py"
    unrelated.write_text(unrelated.read_text() + "\n")
    assert make(small, "report").returncode == 0
    assert changed(small, built) == set()


def test_one_failure_does_not_stop_the_others(small, make):
    (small / "notebooks/params/01_small/two.yml").unlink()
    assert make(small, "report").returncode == 0
    good = (small / "reports/01_small__one.html").read_bytes()
    digest = (small / "reports/README.md").read_bytes()
    (small / "notebooks/params/01_small/one.yml").write_text("BASE: mlc_churn\nDIVISOR: 0\n")
    (small / "notebooks/params/01_small/two.yml").write_text("BASE: mlc_churn\nSHARE: 4\n")
    (small / "notebooks/params/01_small/three.yml").write_text("BASE: mlc_churn\nSHAER: 4\n")
    done = make(small, "report")
    assert done.returncode == 2
    assert "01_small__one: FAILED: ZeroDivisionError" in done.stderr
    assert "has no parameter 'SHAER'; did you mean SHARE?" in done.stderr
    assert "01_small__two: done" in done.stdout
    assert (small / "reports/01_small__one.html").read_bytes() == good
    assert (small / "reports/README.md").read_bytes() == digest
    assert "reports/README.md takes all reports and stays as it was" in done.stderr
    assert "ZeroDivisionError" in (small / "reports/01_small__one.failed.html").read_text()
    assert "See the traceback" in (small / "reports/index.html").read_text()
    # It is tried again the next time, though nothing changed.
    again = make(small, "report")
    assert again.returncode == 2
    assert "01_small__one: FAILED" in again.stderr
    assert "01_small__two" not in again.stdout


def test_a_base_gets_the_reports_it_can_carry(small, make):
    panel_only = nbformat.read(small / "notebooks/01_small.ipynb", as_version=4)
    panel_only.metadata["cvm"] = {"needs": {"panel": ["customers", "billing"]}}
    nbformat.write(panel_only, small / "notebooks/02_panels.ipynb")
    done = make(small, "report", "BASE=tv_subscription")
    assert done.returncode == 0, done.stderr
    assert "02_panels: not for tv_subscription: takes bases of kind panel" in done.stderr
    built = [path.name for path in (small / "reports").glob("*__*.html")]
    assert built == ["01_small__tv_subscription.html"]
    assert not (small / "reports/README.md").exists()  # it takes the shipped reports, no base's own


def test_bad_data_stops_its_reports_and_leaves_the_last_ones(small, make):
    base = small / "data/bases/mine"
    base.mkdir()
    (base / "base.yml").write_text(
        "title: Mine\nkind: snapshot\ncurrency: EUR\ntables: {snapshot: {file: a.csv}}\n"
    )
    (base / "a.csv").write_text("customer_id,churned\n1,yes\n2,no\n")
    assert make(small, "report", "BASE=mine").returncode == 0
    before = stamps(small)
    (base / "a.csv").write_text("customer_id,churned\n1,yes\n1,maybe\n")
    done = make(small, "report", "BASE=mine")
    assert done.returncode == 2
    assert "snapshot.churned: must be yes or no" in done.stderr
    assert changed(small, before) == set()


def test_an_unknown_base_is_one_message(small, make):
    for goal in ("report", "data"):
        done = make(small, goal, "BASE=nope")
        assert done.returncode == 2
        assert "error: there is no base 'nope'" in done.stderr


def test_clean_leaves_what_is_kept_with_the_code(small, make):
    (small / "reports/figures").mkdir()
    (small / "reports/runs").mkdir()
    for name in ("README.md", "figures/a.svg", "01_small__one.html", "runs/a.ipynb"):
        (small / "reports" / name).write_text("x")
    assert make(small, "clean").returncode == 0
    left = [path for path in (small / "reports").rglob("*") if path.is_file()]
    assert {str(path.relative_to(small)) for path in left} == {
        "reports/README.md",
        "reports/figures/a.svg",
    }


def test_help_lists_every_command(small, make):
    text = make(small, "help").stdout
    words = "setup spark data features report test test-slow study bench bench-large"
    for word in (*words.split(), "lint", "lab", "clean", "lock"):
        assert f"make {word} " in text
