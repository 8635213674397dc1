"""The recipes of CONTRIBUTING.md, each followed once in a copy of the project."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FLOORS = ("data", "features", "models", "analyses", "commands", "studies", "reporting")


def recipe(title: str) -> dict[str, str]:
    """The code a recipe shows, by what its first line says: the file, and where in it."""
    section = re.search(rf"### {title}\n(.*?)(?=\n##|\Z)", TEXT, re.DOTALL)[1]
    blocks = re.findall(r"```python\n# (.*?)\n(.*?)```", section, re.DOTALL)
    assert len({place.split(",")[0] for place, _ in blocks}) <= 3
    return dict(blocks)


def run(project: Path, *words: str) -> str:
    environment = os.environ | {"CVM_KEY": "a long key for the tests", "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, *words], cwd=project, env=environment, text=True, capture_output=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def insert(path: Path, after: str, code: str) -> None:
    text = path.read_text()
    assert text.count(after) == 1
    path.write_text(text.replace(after, after + code))


@pytest.fixture
def built(project):
    shutil.copytree(
        ROOT / "data/bases/ibm_telco", project / "data/bases/ibm_telco", dirs_exist_ok=True
    )
    return project


def test_every_folder_of_the_house_is_in_the_table():
    rows = re.findall(r"^\| `src/(\w+)` \|", TEXT, re.MULTILINE)
    assert sorted(rows) == sorted(FLOORS)
    folders = [path.name for path in (ROOT / "src").iterdir() if (path / "__init__.py").is_file()]
    assert sorted(folders) == sorted(FLOORS)


def test_add_a_notebook(built):
    files = recipe("Add a notebook")
    cells = files.pop("notebooks/12_income.ipynb").split("# %%")
    code = [cell.removeprefix(" parameters").strip() for cell in cells if cell.strip()]
    notebook = new_notebook(
        cells=[new_markdown_cell("# What do customers pay?"), *map(new_code_cell, code)],
        metadata={"cvm": {"needs": {"snapshot": ["snapshot"]}}},
    )
    notebook.cells[1].metadata["tags"] = ["parameters"]
    nbformat.write(notebook, built / "notebooks/12_income.ipynb")
    for place, text in files.items():
        (built / place).write_text(text)

    planned = run(built, "-m", "src.commands.plan_reports", "ibm_telco")
    assert "12_income__ibm_telco" in planned
    run(built, "-m", "src.commands.run_notebook", "12_income", "ibm_telco")
    record = json.loads((built / "reports/metrics/12_income__ibm_telco.json").read_text())
    assert record["month_to_month.income"] == pytest.approx(66.40, abs=0.01)
    assert record["answer"] == "**Month-to-month** pays most"
    assert "Income by group" in (built / "reports/12_income__ibm_telco.html").read_text()


def test_add_a_section(built):
    ((place, text),) = recipe("Add a section").items()
    (built / place).write_text(text)
    package = built / "src/reporting/exploration/__init__.py"
    insert(package, "__all__ = [\n", '    "highest",\n')
    package.write_text(
        "from src.reporting.exploration.highest import highest\n" + package.read_text()
    )
    cell = re.search(r"`(show\.highest\(.*\))`", TEXT)[1]
    shown = run(
        built,
        "-c",
        "from src.analyses import exploration\nfrom src.reporting import exploration as show\n"
        f"study = exploration.open_study('ibm_telco')\nprint({cell}.text)",
    )
    assert shown == "Most leave in **Month-to-month**: 42.7%.\n"


def test_teach_the_draft_a_name(project):
    section = re.search(r"### Teach the draft a name\n(.*?)(?=\n##)", TEXT, re.DOTALL)[1]
    phrases = re.search(r"```yaml\n# .*?\n(.*?)```", section, re.DOTALL)[1]
    shown = (
        "from src.data.draft.names import columns_phrases, fit\n"
        "print(fit('Zaster', columns_phrases('billing', 'revenue')))"
    )
    assert run(project, "-c", shown) == "0.0\n"
    insert(project / "src/data/draft/vocabulary.yml", "    revenue: >-\n", phrases)
    assert run(project, "-c", shown) == "1.0\n"


def test_add_a_candidate_model(project):
    entry, function = recipe("Add a candidate model").values()
    module = project / "src/models/learning/candidates.py"
    insert(module, "    named += [\n", entry)
    module.write_text(f"{module.read_text()}\n\n{function}")
    shown = run(
        project,
        "-c",
        "import numpy as np, pandas as pd\n"
        "from src.models.learning.candidates import candidates\n"
        "frame = pd.DataFrame({'calls': np.arange(200.0), 'plan': ['a', 'b'] * 100})\n"
        "found = candidates(frame)['tree']\n"
        "model = found.build().fit(frame, frame['calls'] > 99)\n"
        "print(found.label, model.predict_proba(frame)[[0, -1], 1])",
    )
    assert shown == "one small tree [0. 1.]\n"


def test_add_a_feature(project):
    (entry,) = recipe("Add a feature").values()
    insert(project / "src/features/families/tenure.py", "    features = [\n", entry)
    folder = project / "data/bases/mine"
    folder.mkdir()
    (folder / "base.yml").write_text(
        "title: Mine\nkind: panel\ncurrency: EUR\n"
        "tables: {customers: {file: a.csv}, billing: {file: b.csv}}\n"
    )
    (folder / "a.csv").write_text("customer_id,segment\n1,B2C\n2,B2C\n")
    bills = [f"1,2024-{month:02d}-01,9" for month in range(1, 13)] + ["2,2024-12-01,9"]
    (folder / "b.csv").write_text("customer_id,month,revenue\n" + "\n".join(bills) + "\n")
    run(project, "-m", "src.commands.build_base", "mine")
    run(project, "-m", "src.commands.build_features", "mine", "FAMILIES=tenure")
    shown = run(
        project,
        "-c",
        "from src.data.bases import open_base\nfrom src.features.tables import open_features\n"
        "tables = open_features(open_base('mine'))\n"
        "print(sorted(tables.read()['is_new']), set(tables.catalogue['name']) >= {'is_new'})",
    )
    assert shown == "[0.0, 1.0] True\n"
