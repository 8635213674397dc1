import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from src.commands import notebooks
from src.commands.notebooks import ROOT, Variant
from src.commands.plan_reports import reports_of
from src.data.manifest import parse
from src.data.problems import InputError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder of notebooks in place of the project's own."""
    monkeypatch.setattr(notebooks, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(notebooks, "PARAMETERS", tmp_path / "params")
    (tmp_path / "params" / "nb").mkdir(parents=True)
    return tmp_path


def tiny(*extra):
    cell = new_code_cell("BASE = 'x'  # a base\nSHARE = 0.2\nNAMES = ['a']")
    cell.metadata["tags"] = ["parameters"]
    return new_notebook(cells=[new_markdown_cell("# What is it?\n\ntext"), cell, *extra])


def test_declared_parameters_are_those_of_the_tagged_cell():
    notebook = tiny(new_code_cell("OTHER = 1"))
    assert notebooks.declared_parameters(notebook) == {"BASE": "x", "SHARE": 0.2, "NAMES": ["a"]}
    assert notebooks.declared_parameters(new_notebook()) == {}


def test_the_title_is_the_first_heading():
    assert notebooks.title(tiny()) == "What is it?"
    assert notebooks.title(new_notebook()) == ""


def test_parameters_of_a_variant(folder):
    nbformat.write(tiny(), folder / "nb.ipynb")
    (folder / "params/nb/small.yml").write_text("BASE: cdnow\nSHARE: 0.1\n")
    assert Variant("nb", "small").parameters() == {"BASE": "cdnow", "SHARE": 0.1}
    assert Variant("nb", "mine").parameters() == {"BASE": "mine"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("BASE: x\nSHAER: 1", "nb has no parameter 'SHAER'; did you mean SHARE?"),
        ("BASE: x\nzzz: 1", r"no parameter 'zzz'. It has BASE, SHARE, NAMES\."),
        ("SHARE: 1", "must hold parameters, BASE among them"),
        ("- a", "must hold parameters, BASE among them"),
        ("BASE: [", "is not valid YAML"),
    ],
)
def test_a_wrong_parameter_file_is_refused(folder, text, message):
    nbformat.write(tiny(), folder / "nb.ipynb")
    (folder / "params/nb/bad.yml").write_text(text)
    with pytest.raises(InputError, match=message):
        Variant("nb", "bad").parameters()


def test_an_unknown_notebook_is_refused_with_the_known_ones(folder):
    nbformat.write(tiny(), folder / "nb.ipynb")
    with pytest.raises(InputError, match="there is no notebook 'other'; known: nb"):
        notebooks.read_notebook(folder / "other.ipynb")


def test_imported_files_follow_imports_through_the_project():
    code = "import pandas\nfrom src.features import lifecycle\nfrom src.data.bases import open_base"
    found = {
        str(file.relative_to(ROOT))
        for file in notebooks.imported_files(new_notebook(cells=[new_code_cell(code)]))
    }
    assert {"src/features/lifecycle.py", "src/data/bases.py", "src/data/problems.py"} <= found
    assert "src/features/__init__.py" in found
    assert "src/reporting/page/charts.py" not in found
    assert "src/models/survival/kaplan_meier.py" not in found


ONE_SEGMENT = {
    "ibm_telco": ["01_exploration__ibm_telco", "03_churn__ibm_telco", "04_ltv__ibm_telco"],
    "mlc_churn": ["01_exploration__mlc_churn", "03_churn__mlc_churn"],
    "tv_subscription": ["01_exploration__tv_subscription", "03_churn__tv_subscription"],
}
SNAPSHOT = parse("title: t\nkind: snapshot\ncurrency: EUR\ntables: {snapshot: {file: a.csv}}")


def test_why_not_names_kind_and_tables():
    notebook = new_notebook(metadata={"cvm": {"needs": {"panel": ["customers"]}}})
    assert notebooks.why_not(notebook, SNAPSHOT) == "takes bases of kind panel, not snapshot"
    notebook.metadata["cvm"]["needs"] = {"snapshot": ["snapshot", "events", "orders"]}
    assert notebooks.why_not(notebook, SNAPSHOT) == "needs the table events and orders"
    notebook.metadata["cvm"]["needs"] = {"snapshot": ["snapshot"]}
    assert notebooks.why_not(notebook, SNAPSHOT) == ""


def test_a_base_of_one_segment_is_not_compared():
    notebook = new_notebook(metadata={"cvm": {"compares": "segments"}})
    assert notebooks.one_segment(notebook, SNAPSHOT) == ""  # its segments are not known beforehand
    text = "title: t\nkind: {}\ncurrency: EUR\nsegment: {{value: B2C}}\ntables: {}"
    one = parse(text.format("snapshot", "{snapshot: {file: a.csv}}"))
    reason = "compares segments, and all its customers are B2C"
    other = "; a parameter file may name other groups: GROUP, FIRST, SECOND"
    assert notebooks.one_segment(notebook, one) == reason + other
    panel = parse(text.format("panel", "{customers: {file: a.csv}, billing: {file: b.csv}}"))
    assert notebooks.one_segment(notebook, panel) == reason
    assert notebooks.one_segment(new_notebook(metadata={"cvm": {}}), one) == ""


def test_shipped_bases_are_asked_for_what_they_can_carry():
    planned = {base: [report.name for report in reports_of(base)[0]] for base in ONE_SEGMENT}
    assert planned == ONE_SEGMENT


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_the_notebooks_keep_their_habits(path):
    notebook = notebooks.read_notebook(path)
    assert notebooks.title(notebook).endswith("?")
    assert notebook.metadata["cvm"]["needs"]
    assert all(name.isupper() for name in notebooks.declared_parameters(notebook))


def test_a_change_in_one_analysis_reruns_only_the_notebooks_that_ask_it():
    asked = {
        path.stem: {
            file.relative_to(ROOT / "src").parts[1].removesuffix(".py")
            for file in notebooks.imported_files(notebooks.read_notebook(path))
            if file.relative_to(ROOT / "src").parts[0] == "analyses"
        }
        for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
    }
    subjects = {name: name.partition("_")[2] for name in asked}
    for name, folders in asked.items():
        assert folders & set(subjects.values()) == {subjects[name]}
