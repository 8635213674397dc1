import json
import os
import tempfile

import nbformat
import papermill
import pytest
from jupyter_client.provisioning import local_provisioner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from src.commands import notebooks, plan_reports, render_report, run_notebook, write_index
from src.commands.exits import run_command
from src.data.building import build_base
from src.data.problems import InputError
from tests.warm_kernels import ForkedKernel

HEAD = "from src.reporting.page.results import Answer, Metrics"
FIGURE = (
    "import matplotlib.pyplot as plt\nfrom src.reporting.page.figures import Figure",
    "Figure(plt.subplots()[0], '**It** falls.', 'A **line**.', digest=True)",
)
GOOD = (HEAD, "Answer('**1** <b>', 'because', 'never')", "Metrics({'a.b': SHARE})")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A notebook folder, a report folder and a tiny base; returns a function that writes cells."""
    monkeypatch.setattr(local_provisioner, "launch_kernel", ForkedKernel)
    for module in (notebooks, run_notebook, render_report, write_index):
        monkeypatch.setattr(module, "REPORTS", tmp_path / "reports")
    monkeypatch.setattr(notebooks, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(notebooks, "PARAMETERS", tmp_path / "params")
    base = tmp_path / "base"
    base.mkdir()
    (base / "base.yml").write_text(
        "title: Tiny <base>\nkind: snapshot\ncurrency: EUR\norigin: simulated\n"
        "tables: {snapshot: {file: a.csv}}\n"
    )
    (base / "a.csv").write_text("customer_id,churned\n1,yes\n2,no\n")
    build_base(str(base), key=b"key")
    (tmp_path / "params" / "01_nb").mkdir(parents=True)
    (tmp_path / "params/01_nb/v.yml").write_text(f"BASE: {base}\nSHARE: 0.1\n")

    def write(*sources):
        parameters = new_code_cell("BASE = ''  # a base\nSHARE = 0.2  # a share\nSEED = 7  # any")
        parameters.metadata["tags"] = ["parameters"]
        cells = [new_markdown_cell("# Why?"), parameters, *map(new_code_cell, sources)]
        nbformat.write(new_notebook(cells=cells), tmp_path / "01_nb.ipynb")
        return tmp_path / "reports"

    return write


def test_a_good_run_leaves_metrics_notebook_dependencies_and_page(place, capsys):
    reports = place(*GOOD)
    assert run_notebook.main(["01_nb", "v"]) == 0
    assert render_report.main(["01_nb__v"]) == 0
    assert write_index.main([]) == 0
    record = json.loads((reports / "metrics/01_nb__v.json").read_text())
    assert record["a.b"] == 0.1
    assert record["parameters.SHARE"] == 0.1
    assert record["parameters.SEED"] == record["seed"] == 7
    assert record["answer"] == "**1** <b>"
    assert record["base_title"] == "Tiny <base>"
    assert record["origin"] == "simulated"
    assert record["seconds"] > 0
    assert record["versions.pandas"].count(".") == 2
    assert all(not isinstance(value, dict | list) for value in record.values())
    rule = (reports / "runs/01_nb__v.d").read_text()
    assert rule.startswith("reports/runs/01_nb__v.ipynb: ")
    assert "src/reporting/page/results.py" in rule
    page = (reports / "01_nb__v.html").read_text()
    assert "Tiny &lt;base&gt;" in page
    assert "simulated base" in page
    index = (reports / "index.html").read_text()
    assert "<strong>1</strong> &lt;b&gt;" in index
    assert 'href="01_nb__v.html"' in index
    assert "01_nb__v: done in" in capsys.readouterr().out
    assert not [path for path in reports.rglob(".*") if path.is_file()]


def test_a_failure_keeps_the_last_good_report_and_shows_the_traceback(place, capsys):
    reports = place(*GOOD)
    run_notebook.main(["01_nb", "v"])
    render_report.main(["01_nb__v"])
    kept = {path: path.read_bytes() for path in reports.rglob("*") if path.is_file()}
    place(HEAD, "raise ValueError('no <such> luck')", *GOOD[1:])
    assert run_notebook.main(["01_nb", "v"]) == 1
    assert "FAILED: ValueError: no <such> luck" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in kept} == kept
    page = (reports / "01_nb__v.failed.html").read_text()
    assert "This run failed." in page
    assert "ValueError: no &lt;such&gt; luck" in page
    assert 'id="traceback"' in page
    write_index.main([])
    index = (reports / "index.html").read_text()
    assert "failed</span>" in index
    assert "Read the last good report" in index
    assert 'href="01_nb__v.failed.html"' in index

    place(*GOOD)
    assert run_notebook.main(["01_nb", "v"]) == 0
    assert not list(reports.rglob("*failed*"))


def test_a_first_run_that_fails_leaves_nothing_but_its_page(place):
    reports = place("1 / 0")
    assert run_notebook.main(["01_nb", "v"]) == 1
    files = sorted(str(path.relative_to(reports)) for path in reports.rglob("*") if path.is_file())
    assert files == ["01_nb__v.failed.html", "runs/01_nb__v.failed.ipynb"]


@pytest.mark.parametrize("cells", [GOOD[:2], (*GOOD, GOOD[2])])
def test_a_notebook_shows_one_answer_and_one_set_of_metrics(place, cells):
    reports = place(*cells)
    with pytest.raises(InputError, match="a notebook must display one Metrics; this one"):
        run_notebook.main(["01_nb", "v"])
    assert not list(reports.rglob("*.json"))


def test_the_figure_for_the_digest_lies_beside_the_metrics_and_nowhere_else(place):
    reports = place(*GOOD, *FIGURE)
    assert run_notebook.main(["01_nb", "v"]) == 0
    record = json.loads((reports / "metrics/01_nb__v.json").read_text())
    assert (record["figure.finding"], record["figure.alt"]) == ("**It** falls.", "A line.")
    svg = (reports / "metrics/01_nb__v.svg").read_text()
    assert svg.startswith('<svg role="img" aria-label="A line."')
    assert [path.name for path in reports.rglob("*.svg")] == ["01_nb__v.svg"]

    place(*GOOD)
    assert run_notebook.main(["01_nb", "v"]) == 0
    assert not list(reports.rglob("*.svg"))
    assert "figure.alt" not in json.loads((reports / "metrics/01_nb__v.json").read_text())


def test_a_notebook_marks_one_figure_for_the_digest(place):
    reports = place(*GOOD, *FIGURE, FIGURE[1])
    with pytest.raises(InputError, match="may mark one figure for the digest; this one marked 2"):
        run_notebook.main(["01_nb", "v"])
    assert not list(reports.rglob("*.json"))


def test_a_base_that_is_not_built_names_the_command(place, tmp_path):
    place(*GOOD)
    (tmp_path / "base/built.json").unlink()
    with pytest.raises(InputError, match="is not built yet; run `make data BASE="):
        run_notebook.main(["01_nb", "v"])


def test_a_kernel_that_dies_at_its_start_is_started_again(place, monkeypatch):
    place(*GOOD)
    real, calls = papermill.execute_notebook, []

    def dying(*arguments, **options):
        calls.append(1)
        if len(calls) < run_notebook.STARTS:
            raise RuntimeError("Kernel died before replying to kernel_info")
        return real(*arguments, **options)

    monkeypatch.setattr(papermill, "execute_notebook", dying)
    assert run_notebook.main(["01_nb", "v"]) == 0
    assert len(calls) == run_notebook.STARTS


def test_a_kernel_that_never_starts_is_a_failed_run(place, monkeypatch, capsys):
    reports = place(*GOOD)

    def dead(*_, **__):
        raise RuntimeError("Kernel died before replying to kernel_info")

    monkeypatch.setattr(papermill, "execute_notebook", dead)
    assert run_notebook.main(["01_nb", "v"]) == 1
    assert "the kernel died: Kernel died before replying" in capsys.readouterr().err
    assert (reports / "01_nb__v.failed.html").is_file()


def test_a_kernel_killed_halfway_is_a_failed_run(place, capsys):
    place("import os; os.kill(os.getpid(), 9)")
    assert run_notebook.main(["01_nb", "v"]) == 1
    assert "FAILED" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("BASE: operator\nSEGMENT: b2b\n", "did you mean B2B? It has B2B, B2C"),
        ("BASE: operator\nTESTS: three\n", "TESTS must be monthly snapshots that judge, 1 or more"),
        ("BASE: operator\nSEGMNT: B2B\n", "has no parameter 'SEGMNT'; did you mean SEGMENT?"),
        ("BASE: operator\nCLV: 5\n", "CLV must be above OFFER, not 5 and 10"),
    ],
)
def test_parameters_that_cannot_be_are_refused_before_the_run(
    tmp_path, monkeypatch, capsys, given, message
):
    for module in (notebooks, run_notebook):
        monkeypatch.setattr(module, "REPORTS", tmp_path / "reports")
    monkeypatch.setattr(notebooks, "PARAMETERS", tmp_path / "params")
    (tmp_path / "params/03_churn").mkdir(parents=True)
    (tmp_path / "params/03_churn/v.yml").write_text(given)
    monkeypatch.setattr("sys.argv", ["run_notebook", "03_churn", "v"])
    with pytest.raises(SystemExit) as ended:
        run_command(run_notebook.main)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert message in said
    assert len(said.splitlines()) == 1
    assert not (tmp_path / "reports").exists()


def test_a_variant_named_in_a_saved_notebook_does_not_reach_a_report(place, tmp_path):
    reports = place("print(VARIANT == '')", *GOOD)
    path = tmp_path / "01_nb.ipynb"
    path.write_text(path.read_text().replace("SEED = 7", "VARIANT = 'other'; SEED = 7"))
    assert run_notebook.main(["01_nb", "v"]) == 0
    executed = nbformat.read(reports / "runs/01_nb__v.ipynb", as_version=4)
    printed = [
        out["text"] for cell in executed.cells for out in cell.get("outputs", []) if "text" in out
    ]
    assert printed == ["True\n"]


def test_a_long_folder_for_temporary_files_is_no_matter(place, tmp_path, monkeypatch):
    long = tmp_path / ("a" * 120)
    long.mkdir()
    place(*GOOD)
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    assert run_notebook.main(["01_nb", "v"]) == 0
    monkeypatch.setattr(run_notebook, "_SHORT_PLACE", str(tmp_path / "none"))
    assert run_notebook._sockets(long) == {}  # where there is no short place: on ports
    assert run_notebook._short_place() is None


def test_a_run_that_was_killed_as_it_ended_leaves_no_failure_behind(place, monkeypatch):
    reports = place("1 / 0")
    assert run_notebook.main(["01_nb", "v"]) == 1
    assert len(notebooks.failed_runs(reports)) == 1
    place(*GOOD)
    with monkeypatch.context() as patch:

        def killed(executed):
            raise KeyboardInterrupt

        patch.setattr(run_notebook, "render_report", killed)
        with pytest.raises(KeyboardInterrupt):
            run_notebook.main(["01_nb", "v"])
    assert (reports / "runs/01_nb__v.ipynb").is_file()  # Make's target: nothing runs again
    assert not list(reports.rglob("*failed*"))


def test_a_mark_of_failure_older_than_a_good_run_is_none(tmp_path):
    (tmp_path / "runs").mkdir()
    for second, name in enumerate(("a.ipynb", "a.failed.ipynb", "b.failed.ipynb", "b.ipynb")):
        path = tmp_path / "runs" / name
        path.write_text("{}")
        os.utime(path, (second, second))
    assert [path.name for path in notebooks.failed_runs(tmp_path)] == ["a.failed.ipynb"]


def test_the_plan_of_a_base_is_on_the_index(place, tmp_path, monkeypatch, capsys):
    reports = place(*GOOD)
    for module in (plan_reports, write_index):
        monkeypatch.setattr(module, "REPORTS", reports)
        monkeypatch.setattr(module, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(plan_reports, "PARAMETERS", tmp_path / "params")
    reports.mkdir()
    assert plan_reports.main([str(tmp_path / "base")]) == 0
    said = capsys.readouterr()
    assert (said.out, "01_nb: not for" in said.err) == ("\n", True)
    write_index.main([])
    index = (reports / "index.html").read_text()
    assert "not for this base</span>" in index
    assert "Not for this base: takes bases of kind" in index
