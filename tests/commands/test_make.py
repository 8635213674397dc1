"""Make as an analyst uses it, on a copy of the project with one small notebook."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from src.commands.saved_notebook import refresh
from src.data.provenance import made_from, sealed

ROOT = Path(__file__).parents[2]

CELLS = (
    "from src.data.bases import open_base\nfrom src.reporting.page.results import Answer, Metrics",
    "base = open_base(BASE)\n1 / DIVISOR",
    "Answer(f'{base.rows}', 'd', 'l')",
    "Metrics({'rows': sum(base.rows.values()), 'share': SHARE})",
)


@pytest.fixture
def small(project):
    """The project with a notebook of four cells, two variants on one base that is built."""
    return with_a_small_notebook(project)


@pytest.fixture(scope="module")
def first_report(copy_project, make, tmp_path_factory):
    """The small project after its first `make report`, what Make said, and a copy to put back."""
    folder = tmp_path_factory.mktemp("reported")
    project = with_a_small_notebook(copy_project(folder / "project"))
    done = make(project, "report")
    return project, done, shutil.copytree(project, folder / "kept", symlinks=True)


@pytest.fixture
def reported(first_report):
    """The small project as its first `make report` left it: same place, same times of files."""
    project, _, kept = first_report
    shutil.rmtree(project)
    return shutil.copytree(kept, project, symlinks=True)


def with_a_small_notebook(project):
    built = ROOT / "data/bases/mlc_churn"
    shutil.copytree(built, project / "data/bases/mlc_churn", dirs_exist_ok=True)
    for path in (project / "notebooks").rglob("*.*"):
        if path.is_file():
            path.unlink()
    parameters = new_code_cell("BASE = ''  # a base\nSHARE = 1  # a share\nDIVISOR = 1  # not 0")
    parameters.metadata["tags"] = ["parameters"]
    cells = [new_markdown_cell("# Small?"), parameters, *map(new_code_cell, CELLS)]
    says = {"cvm": {"needs": {"snapshot": ["snapshot"]}}, "language_info": {"name": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=says), project / "notebooks/01_small.ipynb")
    folder = project / "notebooks/params/01_small"
    folder.mkdir(parents=True)
    (folder / "one.yml").write_text("BASE: mlc_churn\n")
    (folder / "two.yml").write_text("BASE: mlc_churn\nSHARE: 2\n")
    return project


def save_as_an_editor_does(path):
    """Outputs, counts, timings and the traces of JupyterLab and VS Code; no word of the author."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": ".venv (3.11)"}
    notebook.metadata["language_info"] = {"name": "python", "version": "3.11.7"}
    state = {"state": {}, "version_major": 2, "version_minor": 0}
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": state}
    for count, cell in enumerate(notebook.cells, 1):
        cell["id"] = f"from-an-editor-{count}"
        if cell.cell_type == "code":
            cell["execution_count"] = count
            cell["outputs"] = [new_output("stream", text="seen\n")]
            cell.metadata |= {"execution": {"iopub.status.busy": "2026-01-01"}, "scrolled": True}
            cell.metadata |= {"collapsed": False, "trusted": True, "jupyter": {"is": 1}}
    nbformat.write(notebook, path)


def git(folder, *words):
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    done = subprocess.run(["git", *who, *words], cwd=folder, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def stamps(project):
    return {
        path.name: path.stat().st_mtime_ns
        for pattern in ("*.html", "runs/*.ipynb", "metrics/*.json")
        for path in (project / "reports").glob(pattern)
    }


def changed(project, before):
    return {name for name, stamp in stamps(project).items() if before.get(name) != stamp}


def test_make_rebuilds_what_changed_and_only_that(reported, first_report, make):
    small, first = reported, first_report[1]
    assert first.returncode == 0, first.stderr
    assert "01_small__one: done" in first.stdout
    assert "01_small__two: done" in first.stdout
    built = stamps(small)
    assert {"01_small__one.html", "01_small__two.html", "index.html"} <= set(built)
    digest = (small / "reports/README.md").read_bytes()
    assert b"`01_small__one`" in digest
    assert b"`01_small__two`" in digest

    assert make(small, "report").returncode == 0
    assert changed(small, built) == set()

    # Code that the notebook does not import counts for nothing.
    unrelated = small / "src/models/survival/kaplan_meier.py"
    unrelated.write_text(unrelated.read_text() + "\n")
    (small / "notebooks/params/01_small/two.yml").write_text("BASE: mlc_churn\nSHARE: 3\n")
    assert make(small, "report").returncode == 0
    two = {"01_small__two.ipynb", "01_small__two.json", "01_small__two.html", "index.html"}
    assert changed(small, built) == two
    record = json.loads((small / "reports/metrics/01_small__two.json").read_text())
    assert record["share"] == 3
    assert (small / "reports/README.md").read_bytes() == digest

    # Outputs that an editor saved run nothing: pages are rendered, as their style is another.
    built = stamps(small)
    css = small / "src/reporting/page/templates/page.css"
    css.write_text(css.read_text() + "\n/* seen */\n")
    notebook = small / "notebooks/01_small.ipynb"
    save_as_an_editor_does(notebook)
    assert make(small, "report").returncode == 0
    assert changed(small, built) == {"01_small__one.html", "01_small__two.html", "index.html"}
    assert "/* seen */" in (small / "reports/01_small__one.html").read_text()

    built = stamps(small)
    notebook.write_text(notebook.read_text().replace('DIVISOR"', 'DIVISOR + 0"'))
    assert make(small, "report").returncode == 0
    one = {name.replace("two", "one") for name in two}
    assert changed(small, built) == one | two


def test_one_failure_does_not_stop_the_others(reported, make):
    small = reported
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


def test_a_base_gets_the_reports_it_can_carry_and_bad_data_leaves_them(small, make):
    panel_only = nbformat.read(small / "notebooks/01_small.ipynb", as_version=4)
    panel_only.metadata["cvm"] = {"needs": {"panel": ["customers", "billing"]}}
    nbformat.write(panel_only, small / "notebooks/02_panels.ipynb")
    base = small / "data/bases/mine"
    base.mkdir()
    (base / "base.yml").write_text(
        "title: Mine\nkind: snapshot\ncurrency: EUR\ntables: {snapshot: {file: a.csv}}\n"
    )
    (base / "a.csv").write_text("customer_id,churned\n1,yes\n2,no\n")
    done = make(small, "report", "BASE=mine")
    assert done.returncode == 0, done.stderr
    assert "02_panels: not for mine: takes bases of kind panel" in done.stderr
    built = [path.name for path in (small / "reports").glob("*__*.html")]
    assert built == ["01_small__mine.html"]
    assert not (small / "reports/README.md").exists()  # it takes the shipped reports, no base's own

    before = stamps(small)
    (base / "a.csv").write_text("customer_id,churned\n1,yes\n1,maybe\n")
    done = make(small, "report", "BASE=mine")
    assert done.returncode == 2
    assert "snapshot.churned: must be yes or no" in done.stderr
    assert changed(small, before) == set()


def refused_base(project):
    base = project / "data/bases/mine"
    base.mkdir()
    (base / "base.yml").write_text(
        "title: Mine\nkind: snapshot\ncurrency: EUR\ntables: {snapshot: {file: a.csv}}\n"
    )
    (base / "a.csv").write_text("customer_id,churned\n1,yes\n1,maybe\n")


def test_a_refused_base_of_the_user_stops_neither_the_lab_nor_the_tests(small, make):
    for other in (small / "data/bases").iterdir():
        if other.name != "mlc_churn":
            shutil.rmtree(other)
    refused_base(small)
    (small / "data/bases/mlc_churn/built.json").unlink()
    done = make(small, "lab", "LAB_ARGS=--version")
    assert done.returncode == 0, done.stderr
    refused = "the base mine is refused and left out; make data BASE=mine says why\n"
    assert done.stderr == refused
    built, version = done.stdout.splitlines()
    assert built.startswith("mlc_churn: snapshot ")
    assert version.startswith("4.")
    assert "build_base mine" not in make(small, "-n", "test").stdout


def test_the_lab_shows_the_project_and_opens_the_notebooks(small, make):
    planned = make(small, "-n", "lab", "LAB_ARGS=--no-browser --port 8899").stdout
    assert f'--ServerApp.root_dir="{small}"' in planned
    assert "--LabApp.default_url=/lab/tree/notebooks" in planned
    assert "--no-browser --port 8899\n" in planned


def test_the_lab_brings_bases_and_the_features_of_panels(project, make):
    planned = make(project, "-n", "lab/operator", "lab/mlc_churn").stdout
    assert "data/bases/operator/built.json data/bases/operator/features/built.json" in planned
    assert "data/bases/mlc_churn/built.json 2>&1" in " ".join(planned.split())


def test_features_depend_on_their_own_code(project, make):
    """A list of the code is left by the build; here it is written as the build does."""
    from src.commands.build_features import _dependencies

    folder = project / "data/bases/operator"
    (folder / "features.d").write_text(_dependencies("operator"))
    (folder / "features").mkdir(exist_ok=True)
    record = {"fingerprint": "f", "notes": [], "made_from": made_from(folder, [], True)}
    for built in (folder / "built.json", folder / "features/built.json"):
        built.write_text(sealed(folder / "none", ["."], record))
    goal = "data/bases/operator/features/built.json"
    unrelated = ("models/value/worth.py", "analyses/parameters.py", "features/quality.py")
    for file in unrelated:
        os.utime(project / "src" / file, (time.time() + 5,) * 2)
    for file in ("windows.py", "families/money.py"):
        assert make(project, "-q", goal).returncode == 0
        path = project / "src/features" / file
        before = path.stat()
        os.utime(path, (time.time() + 5,) * 2)
        assert make(project, "-q", goal).returncode == 1, file
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_saved_outputs_stay_out_of_git(small, make):
    git(small, "init", "-q")
    assert make(small, "setup").returncode == 0
    git(small, "add", "notebooks", ".gitattributes")
    git(small, "commit", "-qm", "notebooks")
    notebook = small / "notebooks/01_small.ipynb"
    committed = json.loads(git(small, "show", "HEAD:notebooks/01_small.ipynb"))
    assert committed["metadata"]["cvm"] == {"needs": {"snapshot": ["snapshot"]}}
    assert committed["cells"][1]["metadata"] == {"tags": ["parameters"]}

    save_as_an_editor_does(notebook)
    refresh(str(notebook), {"type": "notebook"}, None)  # as the lab does after it saved
    assert git(small, "status", "--short", "notebooks") == ""
    assert "seen" in notebook.read_text()
    notebook.write_text(notebook.read_text().replace('DIVISOR"', 'DIVISOR + 0"'))
    refresh(str(notebook), {"type": "notebook"}, None)
    assert git(small, "status", "--short", "notebooks") == " M notebooks/01_small.ipynb\n"
    git(small, "commit", "-qam", "a line")
    assert git(small, "diff", "--stat", "HEAD~1").endswith("1 insertion(+), 1 deletion(-)\n")
    assert make(small, "lint-notebooks").returncode == 0

    # On a machine without the set-up.
    notebook.write_text(notebook.read_text().replace("seen", "seen again"))
    git(small, "-c", "filter.nbstripout.clean=cat", "add", "notebooks")
    done = make(small, "lint-notebooks")
    assert done.returncode == 2
    assert "01_small.ipynb would be committed with outputs" in done.stderr
    git(small, "add", "--renormalize", "notebooks")
    assert make(small, "lint-notebooks").returncode == 0


def test_a_copy_without_git_has_nothing_to_set(small, make):
    save_as_an_editor_does(small / "notebooks/01_small.ipynb")
    for goal in ("setup", "lint-notebooks"):
        done = make(small, goal)
        assert (done.returncode, done.stderr) == (0, "")


def test_the_set_up_takes_the_certificates_of_the_system(project, make, monkeypatch):
    asked = subprocess.run(
        [Path(sys.prefix) / "bin/uv", "pip", "install", "--help"], text=True, capture_output=True
    )
    assert "UV_SYSTEM_CERTS" in asked.stdout
    (project / ".venv").unlink()
    (project / ".venv/bin").mkdir(parents=True)
    (project / ".venv/bin/python").symlink_to(sys.executable)
    uv = project / "path/uv"
    uv.parent.mkdir()
    uv.write_text(f'#!/bin/sh\necho "certificates $UV_SYSTEM_CERTS" >> {project}/said\n')
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", f"{uv.parent}:{os.environ['PATH']}")
    monkeypatch.delenv("UV_SYSTEM_CERTS", raising=False)
    assert make(project, "setup").returncode == 0
    assert (project / "said").read_text() == "certificates 1\n" * 2


ODD = ("$(shell touch SHELLED)", "`touch SHELLED`", "a:b", "a b", "a#b", "a%b", 'it\'s "q"', "a\nb")


def test_no_name_of_a_file_reaches_make_and_one_folder_stops_no_other(small, make):
    """Names of folders, of files in them, and of parameter files."""
    for other in (small / "data/bases").iterdir():
        if other.name != "mlc_churn":
            shutil.rmtree(other)
    refused_base(small)
    text = "customer_id,churned\n1,yes\n2,no\n"
    for name in ODD:
        shutil.copytree(small / "data/bases/mine", small / "data/bases" / name)
        (small / "data/bases/mlc_churn" / f"{name}.csv").write_text(text)
        parameters = small / "notebooks/params/01_small"
        (parameters / f"{name}.yml").write_text("BASE: mlc_churn\n")
    (parameters / "quoted.yml").write_text('BASE: "mlc_churn"  # in quotes\n')
    shutil.copytree(small / "data/bases/mine", small / "data/bases/good")
    manifest = (small / "data/bases/good/base.yml").read_text()
    (small / "data/bases/good/base.yml").write_text(manifest.replace("a.csv", f'"{ODD[0]}.csv"'))
    (small / "data/bases/good" / f"{ODD[0]}.csv").write_text(text)

    done = make(small, "data")
    assert done.returncode == 2
    assert done.stdout.splitlines()[0].startswith("good: snapshot 2 rows")
    assert "snapshot.churned: must be yes or no" in done.stderr
    assert (
        "error: the base 'a b' must be renamed (mv 'data/bases/a b' data/bases/a_b)" in done.stderr
    )
    for name in ODD:
        assert done.stderr.count(f"error: the base {name!r} must be renamed") == 1
        assert done.stderr.count(f"error: the parameters {name!r} must be renamed") == 1
    assert make(small, "help").stderr == ""
    planned = make(small, "-n", "reports")
    assert planned.returncode == 0
    assert "run_notebook 01_small quoted" in planned.stdout
    assert not list(small.glob("SHELLED*"))

    refused = make(small, "report", "BASE=a b")
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: the base 'a b' must be renamed")
    elsewhere = make(
        small, "data", f"BASE={shutil.copytree(small / 'data/bases/good', small / 'x')}"
    )
    assert f"bring it there, such as: ln -s {small}/x data/bases/x" in elsewhere.stderr
    assert make(small, "data", "BASE=./data/bases/good/").returncode == 0


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
